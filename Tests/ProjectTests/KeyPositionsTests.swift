import Domain
import OrderedCollections
import Testing

@testable import Project

@Suite("Where the keys of a TOML document stand")
struct KeyPositionsTests {
    private static let text = #"""
        # comment = 1
        a = "x # no = comment" # comment
        b.c = 'literal \'
        "quoted key" = """
        multi "" line
        not = "a key"
        """
        list = [ # comment
          1,
          { x = 1, "y z" = [2] },

          "]",
        ]
        [t.u]
        k = true
        [[w]]
        s = '''
        [no.table]
        '''''
        [[w]]
        f = 1
        [w.sub]
        g = 2
        """#

    @Test(
        "Every key has its line, whatever surrounds it",
        arguments: [
            ("a", 2), ("b", 3), ("b.c", 3), (#""quoted key""#, 4), ("list", 8), ("list[0]", 9), ("list[1]", 10),
            ("list[1].x", 10), (#"list[1]."y z""#, 10), ("list[2]", 12), ("t", 14), ("t.u", 14), ("t.u.k", 15),
            ("w[0]", 16),
            ("w[0].s", 17), ("w[1]", 20), ("w[1].f", 21), ("w[1].sub", 22), ("w[1].sub.g", 23), ("not", nil),
            ("no", nil),
            ("comment", nil),
        ] as [(String, Int?)]
    )
    func lines(path: String, line: Int?) throws {
        #expect(KeyPositions(of: Self.text).lines[path] == line)
    }

    @Test("The parser agrees, and keys keep the order of the file")
    func order() throws {
        let document = try TOMLDocument(file: "f", text: Self.text)
        #expect(Array(document.root.keys) == ["a", "b", "quoted key", "list", "t", "w"])
        #expect(document.root["quoted key"]?.stringValue == "multi \"\" line\nnot = \"a key\"\n")
        #expect(document.root["w"]?[0]?["s"]?.stringValue == "[no.table]\n''")
    }

    @Test("A text that ends anywhere is walked over without harm")
    func truncated() {
        let bytes = Array(Self.text.utf8)
        for count in 0...bytes.count {
            let positions = KeyPositions(of: String(decoding: bytes[..<count], as: UTF8.self))
            #expect(positions.lines.values.allSatisfy { (1...24).contains($0) })
        }
    }

    @Test("Dates become ISO 8601 texts")
    func dates() throws {
        let text =
            "d = 2026-01-02\nt = 03:04:05.5\nl = 2026-01-02T03:04:05\nz = 2026-01-02T03:04:05Z\no = 2026-01-02 03:04:05-05:30"
        let document = try TOMLDocument(file: "f", text: text)
        let texts = document.root.values.compactMap(\.stringValue)
        let expected = [
            "2026-01-02", "03:04:05.5", "2026-01-02T03:04:05", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05-05:30",
        ]
        #expect(texts == expected)
        #expect(document.datePaths == ["d", "t", "l", "z", "o"])
    }
}
