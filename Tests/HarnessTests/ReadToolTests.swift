import Domain
import Foundation
import LanguageModels
import Testing

@testable import Harness

struct ReadToolTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var content: String
        var offset: Int?
        var limit: Int?
        var text: String
        var testDescription: String { name }
    }

    @Test(
        "Text is read by pages",
        arguments: [
            Case(name: "whole", content: "a\nb\n", text: "a\nb"),
            Case(name: "no final newline", content: "a\nb", text: "a\nb"),
            Case(name: "empty", content: "", text: "(empty file)"),
            Case(name: "limit", content: "a\nb\nc\n", limit: 2, text: "a\nb\n[Lines 1-2 of 3. Go on with offset=3.]"),
            Case(name: "offset", content: "a\nb\nc\n", offset: 2, text: "b\nc"),
            Case(
                name: "both",
                content: "a\nb\nc\nd",
                offset: 2,
                limit: 1,
                text: "b\n[Lines 2-2 of 4. Go on with offset=3.]"
            ),
            Case(name: "limit at the end", content: "a\nb\n", limit: 2, text: "a\nb"),
            Case(
                name: "2001 lines",
                content: String(repeating: "x\n", count: 2001),
                text: String(repeating: "x\n", count: 2000) + "[Lines 1-2000 of 2001. Go on with offset=2001.]"
            ),
            Case(
                name: "bytes",
                content: String(repeating: String(repeating: "y", count: 999) + "\n", count: 60),
                text: String(repeating: String(repeating: "y", count: 999) + "\n", count: 51)
                    + "[Lines 1-51 of 60 (50KB limit). Go on with offset=52.]"
            ),
        ]
    )
    func pages(_ example: Case) async throws {
        try await withDirectory { directory in
            try example.content.write(toFile: directory + "/f", atomically: true, encoding: .utf8)
            let arguments: JSONValue = .object([
                "path": "f", "offset": example.offset.map { .int($0) }, "limit": example.limit.map { .int($0) },
            ])
            #expect(try await ReadTool().run(arguments, in: toolContext(directory)).text == example.text)
        }
    }

    @Test("A first line over the limit is not shown; the command that shows it is")
    func hugeLine() throws {
        var page = LinePage(offset: 1, limit: nil)
        [UInt8](repeating: 0x61, count: 60_000).withUnsafeBytes { page.append($0) }
        let text = try page.finish(path: "/x/f")
        #expect(text.contains("sed -n '1p' /x/f | head -c 51200"))
        #expect(!text.contains("aaaa"))
    }

    @Test("What cannot be read is an error that helps")
    func errors() async throws {
        try await withDirectory { directory in
            let context = toolContext(directory)
            try "a\nb\n".write(toFile: directory + "/config.toml", atomically: true, encoding: .utf8)
            try Data([0x7F, 0x45, 0x4C, 0x46, 0, 0]).write(to: URL(fileURLWithPath: directory + "/program"))
            let cases: [(JSONValue, HarnessError.Code, String)] = [
                (["path": "confg.toml"], .notFound, "config.toml"),
                (["path": "."], .isDirectory, "ls"),
                (["path": "program"], .binary, "ELF"),
                (["path": "config.toml", "offset": 3], .outOfRange, "2 lines"),
            ]
            for (arguments, code, words) in cases {
                let error = await #expect(throws: HarnessError.self) {
                    try await ReadTool().run(arguments, in: context)
                }
                #expect(error?.code == code)
                #expect(error?.text.contains(words) == true)
            }
        }
    }

    @Test("Pictures go to models that see, and are described to those that do not")
    func pictures() async throws {
        try await withDirectory { directory in
            var png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]
            png += [0, 0, 0, 4, 0, 0, 0, 2, 8, 6, 0, 0, 0]
            try Data(png).write(to: URL(fileURLWithPath: directory + "/p.png"))
            let seen = try await ReadTool().run(["path": "p.png"], in: toolContext(directory, acceptsImages: true))
            #expect(seen.text == "image/png, 4x2 pixels, 29B")
            #expect(
                seen.content.last == .image(ImageContent(mime: "image/png", base64: Data(png).base64EncodedString()))
            )
            let told = try await ReadTool().run(["path": "p.png"], in: toolContext(directory))
            #expect(told.content.count == 1)
            png[18] = 0xFF
            try Data(png).write(to: URL(fileURLWithPath: directory + "/p.png"))
            let error = await #expect(throws: HarnessError.self) {
                try await ReadTool().run(["path": "p.png"], in: toolContext(directory, acceptsImages: true))
            }
            #expect(error?.code == .tooLarge)
        }
    }

    @Test(
        "Paths are taken as models write them",
        arguments: [
            ("@a/b", "/w/a/b"), ("~", "/w"), ("~/x", "/w/x"), ("/abs/../c", "/c"), ("./d", "/w/d"),
            ("e\u{00A0}f", "/w/e f"), ("g\u{202F}h\u{3000}i", "/w/g h i"), ("~other/x", "/w/~other/x"),
        ]
    )
    func paths(_ written: String, _ absolute: String) {
        #expect(ToolPath(written, in: toolContext("/w")).absolute == absolute)
    }

    @Test(
        "Sizes are printed short",
        arguments: [(123, "123B"), (12_595, "12.3KB"), (51_200, "50KB"), (4_718_592, "4.5MB")]
    )
    func sizes(_ bytes: Int, _ text: String) {
        #expect(ToolLimits.sizeText(bytes) == text)
    }
}
