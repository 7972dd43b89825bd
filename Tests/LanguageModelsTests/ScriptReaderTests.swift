import Domain
import Foundation
import Testing

@testable import LanguageModels

@Suite("Script files")
struct ScriptReaderTests {
    @Test(
        "every mistake is reported with its line and its place",
        arguments: [
            ("", "1: "), ("- a", "1: a mapping"), ("foo: 1\nturns: [{text: a}]", "1: foo: no such key"),
            ("summary: x", "1: turns or conversations"), ("turns: 1", "1: turns: a list"),
            ("turns:\n  []", "2: turns: at least one turn"),
            ("turns:\n  - text: a\n  - colour: red\n    text: b", "3: turns[1].colour: no such key"),
            ("turns:\n  - text: a\n  - name: b", "3: turns[1]: something to say"),
            ("turns:\n  - text: [a]", "2: turns[0].text: a text"),
            ("turns:\n  - text: a\n    next: nowhere", "3: turns[0].next: end or the name of a turn"),
            ("turns:\n  - {text: a, name: x}\n  - text: b\n    name: x", "4: turns[1].name: a name of its own"),
            ("turns:\n  - text: a\n    name: end", "3: turns[0].name: a name of its own"),
            ("turns:\n  - calls:\n      - bash: [a]", "3: turns[0].calls[0].bash: a mapping of arguments or a text"),
            ("turns:\n  - calls:\n      - {bash: a, read: b}", "3: turns[0].calls[0]: a mapping of one tool"),
            ("turns:\n  - calls:\n      - bash: a\n      - plain", "4: turns[0].calls[1]: a mapping of one tool"),
            ("turns:\n  - text: a\n    stop: never", "3: turns[0].stop: one of length"),
            ("turns:\n  - error: boom", "2: turns[0].error: one of rateLimit"),
            ("turns:\n  - error:\n      kind: hang\n      times: 0", "4: turns[0].error.times: a whole number from 1"),
            ("turns:\n  - error:\n      status: 500", "3: turns[0].error: a kind of error"),
            ("turns:\n  - text: a\n    delay: soon", "3: turns[0].delay: a time"),
            ("turns:\n  - text: a\n    usage: {input: -1}", "3: turns[0].usage.input: a whole number from 0"),
            ("turns:\n  - text: a\n    save:\n      id: '('", "4: turns[0].save.id: a regular expression"),
            ("turns:\n  - text: a\n    expect: {has: x}", "3: turns[0].expect.has: no such key"),
            (
                "turns:\n  - text: a\n    expect:\n      - ~\n      - {error: maybe}",
                "5: turns[0].expect[1].error: true or"
            ),
            ("turns:\n  - text: a\n  - text: 'see {{nothing}}'", "3: turns[1].text: a known name in {{nothing}}"),
            ("turns:\n  - calls:\n      - bash: 'echo {{x'", "3: turns[0].calls[0]: }} after {{"),
            ("model: {contextWindow: big}\nturns: [{text: a}]", "1: model.contextWindow: a whole number from 1"),
            ("model:\n  price: {input: x}\nturns: [{text: a}]", "2: model.price.input: a number"),
            (
                "conversations:\n  - when: {trigger: moon}\n    turns: [{text: a}]",
                "2: conversations[0].when.trigger: one of"
            ),
            ("conversations:\n  - when: {agent: a}", "2: conversations[0]: a list of turns"),
            ("turns: [{text: a}]\nconversations: []", "1: turns: either turns or conversations"),
            ("turns:\n  - text: a\n   bad: b", "3: valid YAML"), ("turns: [{text: a}]\n---\nturns: []", "valid YAML"),
            ("turns:\n  - text: a\n    text: b", "each key once"),
        ]
    )
    func mistakes(text: String, expected: String) {
        let error = #expect(throws: ScriptError.self) { try Script(parsing: text, file: "s.yaml") }
        let found = error?.problems.map(\.description) ?? []
        let matches = found.contains { $0.hasPrefix("s.yaml:") && $0.dropFirst(7).contains(expected) }
        #expect(matches, "\(found)")
    }

    @Test("all mistakes are reported at once, by line")
    func several() {
        let text = "turns:\n  - text: a\n    next: nowhere\n  - colour: red\n    text: b\n  - stop: x"
        let error = #expect(throws: ScriptError.self) { try Script(parsing: text, file: "s") }
        #expect(error?.problems.map(\.line) == [3, 4, 6])
        #expect(error?.code == .invalid)
    }

    @Test("a whole script is read, JSON too, and its tools are known with their lines")
    func whole() throws {
        let text = """
            model: { contextWindow: 1000, maxTokens: 10, price: { input: 3, output: 15 } }
            summary: short
            conversations:
              - when: { agent: d*, trigger: [webhook, call], context: { event: issues } }
                turns:
                  - text: a
                    calls:
                      - bash: ls
                      - read: { path: x, limit: 20, deep: [true, ~, 1.5, "7"] }
                      - bash: pwd
              - turns: [ { text: b } ]
            """
        let script = try Script(parsing: text, file: "s")
        #expect(script.contextWindow == 1000 && script.maxTokens == 10 && script.price?.output == 15)
        #expect(script.conversations.count == 2 && script.summary == "short")
        let calls = script.conversations[0].turns[0].calls
        #expect(calls.map(\.tool) == ["bash", "read", "bash"] && calls.map(\.line) == [8, 9, 10])
        #expect(calls[1].arguments == ["path": "x", "limit": 20, "deep": [true, .null, 1.5, "7"]])
        #expect(try Script(parsing: #"{"turns":[{"text":"a"}]}"#, file: "s").conversations.count == 1)
    }

    @Test("a file that is missing, too large or no text is an error of its own kind")
    func files() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "script-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let large = directory.appending(path: "large.yaml")
        try Data(repeating: 0x20, count: (1 << 20) + 1).write(to: large)
        let binary = directory.appending(path: "binary.yaml")
        try Data([0xFF, 0xFE, 0xFF]).write(to: binary)
        for path in [large.path, binary.path, directory.appending(path: "none").path] {
            let error = #expect(throws: ScriptError.self) { try Script.load(path: path) }
            #expect(error?.code == .unreadable)
        }
    }
}
