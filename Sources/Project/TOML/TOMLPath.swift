/// The place of a value in a TOML document: `["webhooks", 0, "events"]`.
package struct TOMLPath: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
    /// One step down.
    package enum Step: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        /// A key of a table.
        case key(String)
        /// An element of an array, from 0.
        case index(Int)

        /// A key.
        package init(stringLiteral value: String) { self = .key(value) }

        /// An element.
        package init(integerLiteral value: Int) { self = .index(value) }
    }

    package var steps: [Step]

    /// Walks these steps from the root.
    package init(_ steps: [Step]) { self.steps = steps }

    /// Walks these steps from the root.
    package init(arrayLiteral elements: Step...) { steps = elements }

    /// The path of a key of the table at this place.
    package func key(_ key: String) -> TOMLPath { TOMLPath(steps + [.key(key)]) }

    /// The path of an element of the array at this place.
    package func element(_ index: Int) -> TOMLPath { TOMLPath(steps + [.index(index)]) }

    /// The place that contains this one; the root contains itself.
    package var parent: TOMLPath { TOMLPath(steps.dropLast()) }

    /// As problems name it: `webhooks[0].events`.
    package var description: String {
        steps.reduce("") { path, step in
            switch step {
            case .key(let key): KeyPath.joined(path, key)
            case .index(let index): KeyPath.element(path, index)
            }
        }
    }

    /// The keys alone, as a header writes them.
    var headerName: String {
        steps.reduce("") { name, step in
            if case .key(let key) = step { KeyPath.joined(name, key) } else { name }
        }
    }
}
