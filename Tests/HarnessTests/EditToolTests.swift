import Domain
import Foundation
import Testing

@testable import Harness

struct EditToolTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var before: String
        var old: String
        var new: String
        var all = false
        var after: String
        var report = ""
        var testDescription: String { name }
    }

    @Test(
        "A replacement changes its place and nothing else",
        arguments: [
            Case(name: "plain", before: "a\nb\nc\n", old: "b", new: "x", after: "a\nx\nc\n", report: "at line 2"),
            Case(
                name: "CRLF changes only its lines",
                before: "a\r\nb  \r\nc\r\nd\n",
                old: "b  \nc",
                new: "x\ny",
                after: "a\r\nx\r\ny\r\nd\n"
            ),
            Case(name: "CRLF in the call", before: "a\nb\n", old: "a\r\nb", new: "x\r\ny", after: "x\ny\n"),
            Case(name: "byte order mark", before: "\u{FEFF}a\nb\n", old: "a", new: "x", after: "\u{FEFF}x\nb\n"),
            Case(
                name: "all",
                before: "a b a\na\n",
                old: "a",
                new: "x",
                all: true,
                after: "x b x\nx\n",
                report: "lines 1, 1, 2"
            ),
            Case(name: "deletion", before: "a\nb\nc\n", old: "b\n", new: "", after: "a\nc\n"),
            Case(
                name: "quotes",
                before: "say \u{201C}hi\u{201D}  \nrest \u{2013} here  \n",
                old: "say \"hi\"",
                new: "say no",
                after: "say no  \nrest \u{2013} here  \n",
                report: "approximate"
            ),
            Case(
                name: "trailing blanks over lines",
                before: "one  \ntwo\t\nthree  \n",
                old: "one\ntwo",
                new: "1\n2",
                after: "1\n2\t\nthree  \n",
                report: "approximate"
            ),
            Case(name: "NFKC", before: "\u{FB01}ne\n", old: "fine", new: "ok", after: "ok\n", report: "approximate"),
        ]
    )
    func edits(_ example: Case) throws {
        let edit = try TextEdit(
            Array(example.before.utf8),
            path: "/f",
            old: example.old,
            new: example.new,
            replacingAll: example.all
        )
        #expect(String(decoding: edit.result, as: UTF8.self).utf8.elementsEqual(example.after.utf8))
        #expect(edit.report.contains(example.report) || example.report.isEmpty)
        #expect(edit.report.contains("approximate") == (example.report == "approximate"))
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var before: [UInt8]
        var old: String
        var new = "x"
        var all = false
        var code: HarnessError.Code
        var words: String
        var testDescription: String { "\(code): \(old)" }

        init(_ before: String, _ old: String, _ code: HarnessError.Code, _ words: String, new: String = "x") {
            self.before = Array(before.utf8)
            self.old = old
            self.code = code
            self.words = words
            self.new = new
        }

        init(bytes: [UInt8], _ old: String, _ code: HarnessError.Code, _ words: String) {
            self.init("", old, code, words)
            before = bytes
        }
    }

    @Test(
        "What is not clear is refused, with what helps",
        arguments: [
            Refusal("a", "", .emptyOldText, "write"),
            Refusal("a\nb\na\n", "a", .severalMatches, "2 times in /f, at lines 1, 3"),
            Refusal("\u{2018}q\u{2019} \u{2018}q\u{2019}", "'q'", .severalMatches, "approximately 2"),
            Refusal(
                "one\ntwo\nthree\nfour\n",
                "two\nthree!\nfour",
                .noMatch,
                "lines 2-4, which read:\ntwo\nthree\nfour"
            ),
            Refusal("one\n", "nothing alike", .noMatch, "nor anything like it"),
            Refusal("a\n", "a", .noChange, "same", new: "a"),
            Refusal(bytes: [0x61, 0xFF], "a", .invalidText, "UTF-8"),
        ]
    )
    func refuses(_ example: Refusal) {
        let error = #expect(throws: HarnessError.self) {
            try TextEdit(example.before, path: "/f", old: example.old, new: example.new, replacingAll: false)
        }
        #expect(error?.code == example.code)
        #expect(error?.text.contains(example.words) == true, "\(error?.text ?? "")")
    }

    @Test("The result shows the changed lines with two lines around them")
    func hunk() throws {
        let edit = try TextEdit(
            Array("1\n2\n3\n4\n5\n6\n7\n".utf8),
            path: "/f",
            old: "4",
            new: "x\ny",
            replacingAll: false
        )
        #expect(edit.report == "Edited /f at line 4:\n2\n3\nx\ny\n5\n6")
    }

    @Test("A file that somebody else changed is edited, and the result says so")
    func changedOnDisk() async throws {
        try await withDirectory { directory in
            let context = toolContext(directory)
            try "a\n".write(toFile: directory + "/f", atomically: false, encoding: .utf8)
            _ = try await ReadTool().run(["path": "f"], in: context)
            let own = try await EditTool().run(["path": "f", "oldText": "a", "newText": "bb"], in: context)
            #expect(!own.text.contains("changed on disk"))
            try "ccc\n".write(toFile: directory + "/f", atomically: false, encoding: .utf8)
            let foreign = try await EditTool().run(["path": "f", "oldText": "ccc", "newText": "d"], in: context)
            #expect(foreign.text.contains("changed on disk"))
        }
    }

    @Test("A file that takes all memory to edit is refused")
    func tooLarge() async throws {
        try await withDirectory { directory in
            try write(["log": "a"], below: directory)
            truncate(directory + "/log", 65 << 20)
            let error = await #expect(throws: HarnessError.self) {
                try await EditTool().run(["path": "log", "oldText": "a", "newText": "b"], in: toolContext(directory))
            }
            #expect(error?.code == .tooLarge && error?.text.contains("65MB") == true)
        }
    }
}
