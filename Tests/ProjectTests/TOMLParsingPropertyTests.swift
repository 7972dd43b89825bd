import Domain
import TestSupport
import Testing

@testable import Project

@Suite("Random TOML documents")
struct TOMLParsingPropertyTests {
    @Test("Every key and element has the line where it stands, and keys come in the order of the file")
    func lines() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(state: seed)
        for round in 0..<200 {
            var source = RandomDocument(using: &random)
            let text = source.text()
            let document = try TOMLDocument(file: "f", text: text)
            let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
            for path in Self.paths(of: .object(document.root), at: "") {
                let line = document.lines[path]
                let note: Comment = "\(path), seed \(seed), round \(round):\n\(text)"
                #expect(line.map { (1...lines.count).contains($0) } == true, note)
                guard let line, lines.indices.contains(line - 1), let key = Self.lastKey(of: path) else { continue }
                #expect(lines[line - 1].contains(key), note)
            }
        }
    }

    private static func paths(of value: JSONValue, at path: String) -> [String] {
        switch value {
        case .object(let members):
            members.flatMap { key, value in
                let path = KeyPath.joined(path, key)
                return [path] + paths(of: value, at: path)
            }
        case .array(let values):
            values.enumerated().flatMap { index, value in
                let path = KeyPath.element(path, index)
                return [path] + paths(of: value, at: path)
            }
        default: []
        }
    }

    /// The bare key at the end of a path; quoted ones may be written in more than one way.
    private static func lastKey(of path: String) -> String? {
        guard !path.hasSuffix("]"), !path.hasSuffix("\"") else { return nil }
        return path.split(separator: ".").last.map(String.init)
    }
}
