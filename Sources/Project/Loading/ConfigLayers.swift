import Domain
import OrderedCollections

/// The documents of one configuration, later ones on top.
struct ConfigLayers {
    /// All layers as one tree.
    private(set) var merged: OrderedDictionary<String, JSONValue> = [:]
    private var documents: [TOMLDocument] = []

    /// Puts a document on top: tables are merged key by key, everything else is replaced whole.
    mutating func add(_ document: TOMLDocument, without hidden: Set<String> = []) {
        documents.append(document)
        merged = Self.merge(merged, document.root.filter { !hidden.contains($0.key) })
    }

    /// File and line of a key, or of the nearest table around it: those of the topmost layer that has it.
    func place(of path: String) -> (file: String?, line: Int?) {
        var current: String? = path
        while let path = current {
            if let document = documents.last(where: { $0.lines[path] != nil }) {
                return (document.file, document.lines[path])
            }
            current = KeyPath.parent(of: path)
        }
        return ((documents.last { !$0.root.isEmpty } ?? documents.first)?.file, nil)
    }

    /// Paths of dates and times that no later layer replaced.
    var datePaths: [String] {
        documents.enumerated().flatMap { index, document in
            document.datePaths.filter { path in !documents[(index + 1)...].contains { $0.lines[path] != nil } }
        }
    }

    private static func merge(
        _ lower: OrderedDictionary<String, JSONValue>,
        _ upper: OrderedDictionary<String, JSONValue>
    ) -> OrderedDictionary<String, JSONValue> {
        var result = lower
        for (key, value) in upper {
            if case .object(let below)? = result[key], case .object(let above) = value {
                result[key] = .object(merge(below, above))
            } else {
                result[key] = value
            }
        }
        return result
    }
}
