import Domain
import Project
import OrderedCollections
import TestSupport
import Testing

@Suite("Random edits of random TOML documents")
struct TOMLEditorPropertyTests {
    @Test("The edited document says what was meant; a change of nothing gives back the same bytes")
    func meaning() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(state: seed)
        for round in 0..<400 {
            var document = RandomDocument(using: &random)
            let text = document.text()
            var editor = try TOMLEditor(text, file: "f")
            #expect(editor.value(at: [])?.isSame(as: document.root) == true, "seed \(seed), round \(round):\n\(text)")
            try editor.set([], to: document.root)
            #expect(editor.text == text, "seed \(seed), round \(round)")
            for _ in 0..<4 {
                let (path, value) = document.randomEdit()
                let before = editor.text
                do {
                    try editor.set(path, to: value)
                } catch {
                    Issue.record("\(error): \(path) = \(value.compactText), seed \(seed), round \(round):\n\(before)")
                    break
                }
                document.root = document.root.setting(path.steps[...], to: value)
                let isMeant = editor.value(at: [])?.isSame(as: document.root) == true
                let note: Comment =
                    "\(path) = \(value.compactText), seed \(seed), round \(round):\n\(before)\n-->\n\(editor.text)"
                #expect(isMeant, note)
                guard isMeant else { return }
            }
        }
    }

    @Test("A new scalar leaves every comment line, in order")
    func comments() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(state: seed)
        for round in 0..<200 {
            var document = RandomDocument(using: &random)
            let text = document.text()
            var editor = try TOMLEditor(text, file: "f")
            try editor.set(["new"], to: 1)
            try editor.set(["fresh", "key"], to: "x")
            let comments = { (text: String) in text.split(whereSeparator: \.isNewline).filter { $0.contains("#") } }
            #expect(comments(editor.text) == comments(text), "seed \(seed), round \(round)")
        }
    }
}

extension JSONValue {
    /// Equality that ignores the order of keys, and empty tables: one of dotted keys is gone with its last key.
    fileprivate func isSame(as other: JSONValue) -> Bool {
        switch (withoutEmptyTables, other.withoutEmptyTables) {
        case (.object(let left), .object(let right)):
            left.count == right.count && left.allSatisfy { key, value in right[key].map(value.isSame) ?? false }
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
        default: self == other
        }
    }

    private var withoutEmptyTables: JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.mapValues(\.withoutEmptyTables).filter { $0.value != [:] })
    }

    fileprivate func setting(_ path: ArraySlice<TOMLPath.Step>, to value: JSONValue) -> JSONValue {
        guard let step = path.first else { return value }
        switch (step, self) {
        case (.key(let key), .object(var members)):
            let inner = (members[key] ?? [:]).setting(path.dropFirst(), to: value)
            members[key] = inner == .null ? nil : inner
            return .object(members)
        case (.index(let index), .array(var values)):
            values[index] = values[index].setting(path.dropFirst(), to: value)
            return .array(values)
        default: return self
        }
    }
}
