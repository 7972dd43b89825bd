import Domain
import Foundation
import TestSupport
import Testing

@testable import Project

@Suite("Damaged TOML files", .timeLimit(.minutes(5)))
struct DamagedFileTests {
    /// What people write: the examples of this repository, and a text with every notation.
    private static let texts: [String] = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let files = FileManager.default.enumerator(atPath: root.appending(path: "examples").path)
        let names = (files?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".toml") }.sorted()
        let examples = names.compactMap { name in
            FileManager.default.contents(atPath: root.appending(path: "examples/\(name)").path)
        }
        return examples.map { String(decoding: $0, as: UTF8.self) } + [everything, everything, everything]
    }()

    private static let everything = #"""
        title = "a" # all kinds
        n = [1, 2.5, 0x1F, 0o17, 0b11, 1e6, -inf, nan, +1_000]
        when = [2026-01-31T07:32:00Z, 2026-01-31 07:32:00, 07:32:00.5, 2026-01-31 ]
        inline = { a = true, b = { c = "x", "d e" = 'y' }, f.g = 2026-01-31 }
        multi = """a
        b \u00e9 \
           c"""
        literal = '''x
        y'''
        a.b.c = [ [1, 2], ["ä"] ]
        [table.sub."q.k"]
        x = 1
        [[list]]
        z = 1
        [[ list.inner ]]
        """#

    private static let characters = Array(
        "[].=\"'{},#\n\r \t\\-_+:0129abexuUTZtz\u{0}\u{1}\u{B}é\u{A0}\u{2028}".unicodeScalars
    )

    @Test("are refused with a line or read, and never end the process", arguments: 0..<8)
    func damage(_ seed: Int) throws {
        var random = SeededGenerator(state: UInt64(seed))
        for _ in 0..<300 {
            let text = Self.damaged(&random)
            do {
                _ = try TOMLDocument(file: "f", text: text)
                _ = try TOMLEditor(text, file: "f")
            } catch {
                #expect(error.code == .configSyntax && error.line != nil, "seed \(seed): \(text.debugDescription)")
            }
        }
    }

    @Test("are no reason for a loader to give up on the whole project", arguments: 0..<4)
    func project(_ seed: Int) throws {
        var random = SeededGenerator(state: UInt64(100 + seed))
        let project = try TemporaryProject(TemporaryProject.sound)
        for _ in 0..<15 {
            try project.write(Self.damaged(&random), to: "config.toml")
            try project.write(Self.damaged(&random), to: "agents/dev/agent-config.toml")
            #expect(project.load().agents.count + project.load().problems.count > 0)
        }
    }

    private static func damaged(_ random: inout SeededGenerator) -> String {
        var text = Array((texts.randomElement(using: &random) ?? "").unicodeScalars)
        if Int.random(in: 0..<3, using: &random) == 0 {
            text = Array(text.dropFirst(Int.random(in: 0...text.count, using: &random)).prefix(80))
        }
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...text.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: text.insert(characters.randomElement(using: &random) ?? "x", at: place)
            case 1: text.removeSubrange(place..<min(text.count, place + Int.random(in: 1...3, using: &random)))
            default:
                let from = Int.random(in: 0...text.count, using: &random)
                let piece = text[from..<min(text.count, from + Int.random(in: 0...12, using: &random))]
                text.insert(contentsOf: Array(piece), at: place)
            }
        }
        return String(String.UnicodeScalarView(text))
    }

    @Test(
        "that the parser would take for impossible are refused where they are wrong",
        arguments: [
            ("[.a]", 1, 2), ("[[.a]]", 1, 3), ("a = 1\n[ é]", 2, 3), ("[#]", 1, 2), ("[\n]", 1, 2), ("[+a]", 1, 2),
            ("[[[a]]]", 1, 3), ("a = [}]", 1, 6), ("a = [1, }]", 1, 9), ("a = [ # }\n }", 2, 2),
            ("a = 2026-01-31TZ", 1, 5), ("a = [2026-01-31t]", 1, 6), ("a = 2026-01-31 0\nb = 5", 1, 5),
            ("a = 2026-01-3_1 0 ", 1, 5), ("a = \"x\u{0}\"", 1, 0), ("a = 1\u{0}", 1, 6), ("a = [\u{A0}]", 1, 6),
            ("a = \u{2028}", 1, 5),
        ]
    )
    func refused(_ text: String, _ line: Int, _ column: Int) throws {
        let problem = #expect(throws: Problem.self) { try TOMLDocument(file: "f", text: text) }
        #expect(problem?.line == line)
        if column > 0 { #expect(problem?.column == column) }
    }

    @Test(
        "that only look like it are read",
        arguments: [
            "a = \"[.a]\"", "a = '''\n[.a]\n'''", "# [.a]", "a = [\n[ ],\n[1]]", "a = 2026-01-31 # 0 ",
            "a = [2026-01-31 , 1]",
            "a = { b = [ ], c = 1 }", "2026-01-31T = 1", "a = \"\"\"x\\\"\"\"\"\"\n[b]", "\u{FEFF}[a]",
            "[a]\r\n[b]\r\n", "[-a]",
            "a = '''x''''\n[b]",
        ]
    )
    func read(_ text: String) throws { _ = try TOMLDocument(file: "f", text: text) }
}
