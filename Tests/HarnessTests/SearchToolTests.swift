import Domain
import Foundation
import Testing

@testable import Harness

/// Writes files, with the directories they need.
func write(_ files: [String: String], below directory: String) throws {
    for (name, text) in files {
        let path = URL(filePath: directory + "/" + name)
        try FileManager.default.createDirectory(
            at: path.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: path)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct SearchToolTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var arguments: JSONValue
        var text: String
        var testDescription: String { arguments.compactText }

        init(_ arguments: JSONValue, _ text: String) {
            self.arguments = arguments
            self.text = text
        }
    }

    private static let files = [
        "a.txt": "one\ntwo\nthree\nfour\nfive\ntwo again\n",
        "dir/b.md": "Two\r\nx two\r\n",
        "dir/deep/c.swift": "let two = 2\n",
        ".hidden": "two\n",
        "binary": "two\0\n",
        "dir.txt": "(a+b)\n",
    ]

    @Test(
        "grep shows the lines that fit, sorted by path",
        arguments: [
            Case(["pattern": "tw.$"], ".hidden:1: two\na.txt:2: two\ndir/b.md:2: x two"),
            Case(["pattern": "^two"], ".hidden:1: two\na.txt:2: two\na.txt:6: two again"),
            Case(["pattern": "two", "path": "dir"], "b.md:2: x two\ndeep/c.swift:1: let two = 2"),
            Case(["pattern": "two", "path": "dir", "ignoreCase": true, "glob": "*.md"], "b.md:1: Two\nb.md:2: x two"),
            Case(["pattern": "two", "glob": "dir/**/*.swift"], "dir/deep/c.swift:1: let two = 2"),
            Case(
                ["pattern": "TWO", "literal": true, "ignoreCase": true, "glob": "*.md"],
                "dir/b.md:1: Two\ndir/b.md:2: x two"
            ),
            Case(["pattern": "(a+b)", "literal": true], "dir.txt:1: (a+b)"),
            Case(["pattern": "(a+b)", "path": "dir.txt"], "No matches found"),
            Case(["pattern": "one", "path": "a.txt"], "a.txt:1: one"),
            Case(["pattern": "nothing"], "No matches found"),
            Case(
                ["pattern": "two", "path": "a.txt", "context": 1],
                "a.txt-1- one\na.txt:2: two\na.txt-3- three\n--\na.txt-5- five\na.txt:6: two again"
            ),
            Case(
                ["pattern": "t", "path": "a.txt", "context": 2],
                "a.txt-1- one\na.txt:2: two\na.txt:3: three\na.txt-4- four\na.txt-5- five\na.txt:6: two again"
            ),
            Case(
                ["pattern": "two", "path": "a.txt", "limit": 1],
                "a.txt:2: two\n[1 matches shown, there are more. Raise limit or narrow the pattern down.]"
            ),
            Case(["pattern": "two", "path": "a.txt", "limit": 2], "a.txt:2: two\na.txt:6: two again"),
            Case(["pattern": "^$", "path": "a.txt"], "No matches found"),
            Case(["pattern": "t?wo again", "path": "a.txt"], "a.txt:6: two again"),
            Case(["pattern": "(one|three)", "path": "a.txt"], "a.txt:1: one\na.txt:3: three"),
        ]
    )
    func grep(_ example: Case) async throws {
        try await withDirectory { directory in
            try write(Self.files, below: directory)
            #expect(try await GrepTool().run(example.arguments, in: toolContext(directory)).text == example.text)
        }
    }

    @Test(
        "An expression that cannot be searched is refused with its place",
        arguments: [
            ("(a", "position"), ("a(?=b)", "position 2: look-around"), ("(?<!x)", "position 1: look-around"),
            ("(a)\\1", "position 4: back-references"), ("*a", "position 1"), ("[z-a]", "position"),
            ("(?P=x)", "position 1"),
        ]
    )
    func refused(_ pattern: String, _ words: String) async throws {
        let error = await #expect(throws: HarnessError.self) {
            try await GrepTool().run(["pattern": .string(pattern)], in: toolContext("/"))
        }
        #expect(error?.code == .invalidPattern)
        #expect(error?.text.contains(words) == true, "\(error?.text ?? "")")
    }

    @Test(
        "What looks like a back-reference or look-around but is none is searched",
        arguments: ["\\\\1", "[(?=]", "a\\(?=b"]
    )
    func accepted(_ pattern: String) throws {
        _ = try LinePattern(pattern, isLiteral: false, ignoresCase: false)
    }

    @Test("Long lines are cut with a mark, and lines without end are searched too")
    func longLines() async throws {
        try await withDirectory { directory in
            let long = "x" + String(repeating: "é", count: 600)
            try write(["f": long + "\n" + String(repeating: "y", count: 3_000_000) + "needle"], below: directory)
            let cut = try await GrepTool().run(["pattern": "^xé"], in: toolContext(directory)).text
            #expect(cut == "f:1: x" + String(repeating: "é", count: 499) + "… [line cut]")
            let exact = "x" + String(repeating: "é", count: 499)
            try write(["f": exact], below: directory)
            #expect(try await GrepTool().run(["pattern": "^xé"], in: toolContext(directory)).text == "f:1: " + exact)
        }
    }

    @Test("A result is cut at 50KB, whole lines only, and says so")
    func size() async throws {
        try await withDirectory { directory in
            try write(["f": String(repeating: String(repeating: "z", count: 400) + "\n", count: 500)], below: directory)
            let text = try await GrepTool().run(["pattern": "z", "limit": 1000], in: toolContext(directory)).text
            let lines = text.split(separator: "\n")
            #expect(lines.last?.contains("Only the first 50KB") == true)
            #expect(lines.dropLast().joined(separator: "\n").utf8.count <= 51_200)
            #expect(lines.dropLast().allSatisfy { $0.count > 400 })
        }
    }

    @Test(
        "find goes by names, or by paths where the pattern has a slash",
        arguments: [
            Case(["pattern": "*.txt"], "a.txt\ndir.txt"),
            Case(["pattern": "deep"], "dir/deep/"),
            Case(["pattern": "*"], ".hidden\na.txt\nbinary\ndir.txt\ndir/\ndir/b.md\ndir/deep/\ndir/deep/c.swift"),
            Case(["pattern": "dir/*"], "dir/b.md\ndir/deep/"),
            Case(["pattern": "**/*.{md,swift}"], "dir/b.md\ndir/deep/c.swift"),
            Case(["pattern": "dir/**"], "dir/b.md\ndir/deep/\ndir/deep/c.swift"),
            Case(["pattern": "?.[ms]*"], "dir/b.md\ndir/deep/c.swift"),
            Case(["pattern": "?.[ms]*", "path": "dir/deep"], "c.swift"),
            Case(["pattern": "*.rs"], "No files found matching pattern"),
            Case(
                ["pattern": "*", "limit": 2],
                ".hidden\na.txt\n[2 results shown, there are more. Raise limit or narrow the pattern down.]"
            ),
            Case(["pattern": "*.txt", "limit": 2], "a.txt\ndir.txt"),
        ]
    )
    func find(_ example: Case) async throws {
        try await withDirectory { directory in
            try write(Self.files, below: directory)
            #expect(try await FindTool().run(example.arguments, in: toolContext(directory)).text == example.text)
        }
    }

    @Test("What git ignores is left out at every level, links to directories are not followed")
    func ignored() async throws {
        try await withDirectory { directory in
            try write(
                [
                    ".git/info/exclude": "excluded\n", ".git/config": "x",
                    ".gitignore": "*.log\n/build/\n!keep.log\n# c\n",
                    "a.log": "x", "keep.log": "x", "build/x": "x", "sub/build/y": "x",
                    "sub/.gitignore": "!a.log\ntmp\n",
                    "sub/a.log": "x", "sub/tmp/z": "x", "excluded": "x", "node_modules/m": "x", "sub/b.log": "x",
                ],
                below: directory
            )
            try FileManager.default.createSymbolicLink(atPath: directory + "/link", withDestinationPath: "sub")
            let all = try await FindTool().run(["pattern": "*"], in: toolContext(directory)).text
            #expect(
                all
                    == [
                        ".gitignore", "keep.log", "link", "node_modules/", "node_modules/m", "sub/", "sub/.gitignore",
                        "sub/a.log", "sub/build/", "sub/build/y",
                    ].joined(separator: "\n")
            )
            let below = try await FindTool().run(["pattern": "*", "path": "sub"], in: toolContext(directory)).text
            #expect(below == ".gitignore\na.log\nbuild/\nbuild/y")
            let inside = try await GrepTool().run(["pattern": "x", "path": "build"], in: toolContext(directory)).text
            #expect(inside == "x:1: x")
        }
    }

    @Test("A search that takes too long shows what it has", arguments: [true, false])
    func tooLong(_ greps: Bool) async throws {
        try await withDirectory { directory in
            try write(Self.files, below: directory)
            let tool: any Tool = greps ? GrepTool(seconds: 0) : FindTool(seconds: 0)
            let text = try await tool.run(["pattern": greps ? "two" : "*"], in: toolContext(directory)).text
            #expect(text.contains("[Stopped after 0 seconds"))
        }
    }

    @Test("A missing path is an error with similar names; a file is no directory")
    func missing() async throws {
        try await withDirectory { directory in
            try write(Self.files, below: directory)
            let context = toolContext(directory)
            let tools: [(any Tool, JSONValue)] = [
                (GrepTool(), ["pattern": "x", "path": "a.tx"]), (FindTool(), ["pattern": "x", "path": "a.tx"]),
                (ListTool(), ["path": "a.tx"]),
            ]
            for (tool, arguments) in tools {
                let error = await #expect(throws: HarnessError.self) { try await tool.run(arguments, in: context) }
                #expect(error?.code == .notFound)
                #expect(error?.text.contains("a.txt") == true)
            }
            for tool in [FindTool() as any Tool, ListTool()] {
                let error = await #expect(throws: HarnessError.self) {
                    try await tool.run(["pattern": "x", "path": "a.txt"], in: context)
                }
                #expect(error?.code == .notDirectory)
            }
        }
    }

    @Test("ls sorts without regard to case and marks what things are")
    func list() async throws {
        try await withDirectory { directory in
            try write(["B": "", "a": "", ".c": "", "d/e": ""], below: directory)
            try FileManager.default.createSymbolicLink(atPath: directory + "/gone", withDestinationPath: "nowhere")
            try FileManager.default.createSymbolicLink(atPath: directory + "/to-d", withDestinationPath: "d")
            try FileManager.default.createDirectory(atPath: directory + "/void", withIntermediateDirectories: true)
            let context = toolContext(directory)
            #expect(try await ListTool().run([:], in: context).text == ".c\na\nB\nd/\ngone@\nto-d/\nvoid/")
            #expect(try await ListTool().run(["path": "void"], in: context).text == "(empty directory)")
            #expect(
                try await ListTool().run(["limit": 2], in: context).text
                    == ".c\na\n[2 of 7 entries shown. Raise limit to see more.]"
            )
            #expect(try await ListTool().run(["limit": 7], in: context).text.hasSuffix("void/"))
        }
    }

    @Test(
        "A glob is about the whole path",
        arguments: [
            ("*.swift", "a.swift", true), ("*.swift", "a/b.swift", false), ("**/*.swift", "b.swift", true),
            ("**/*.swift", "a/b/c.swift", true), ("a/**/b", "a/b", true), ("a/**/b", "a/x/y/b", true),
            ("a/**/b", "a/xb", false), ("a/**", "a/b/c", true), ("a/**", "b/a", false), ("a?c", "a/c", false),
            ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false), ("[^a-c]x", "dx", true), ("[]]x", "]x", true),
            ("[a", "[a", true), ("{a,b{c,d}}", "bd", true), ("{a,b}", "{a,b}", false), ("{a}", "{a}", true),
            ("{a}{b,c}", "{a}c", true), ("{a{b,c}", "{ac", true), ("{,x}{}y", "x{}y", true), ("{a{b,c}}", "{ab}", true),
            ("\\*", "*", true), ("\\*", "a", false), ("a**b", "axb", true), ("a**b", "a/b", false), ("é?", "éü", true),
            ("**/b", "a/b", true), ("**/b", "b", true),
            ("**/b", "ab", false), ("**/*.c", ".c", true), ("**/*.c", "x/.c/y", false), ("a/b", "x/a/b", false),
            ("*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ]
    )
    func globs(_ pattern: String, _ path: String, _ fits: Bool) {
        #expect(Glob(pattern).matches(path) == fits)
    }

    @Test("Braces with more choices than are tried one by one still find what they name")
    func manyChoices() {
        let many = Glob("f{" + (1...300).map(String.init).joined(separator: ",") + "}.{txt,md}")
        #expect(many.matches("f300.txt") && many.matches("f1.md") && !many.matches("g1.md") && !many.matches("f1.c"))
        let paths = Glob("{" + (1...300).map { "src/\($0)" }.joined(separator: ",") + "}/x.txt")
        #expect(paths.matches("src/300/x.txt") && !paths.matches("src/1/y.txt"))
    }

    @Test(
        "Any number of braces, side by side or within each other, is read, and what they name is found",
        arguments: [
            (String(repeating: "{a,b}", count: 20_000), String(repeating: "ab", count: 10_000)),
            (String(repeating: "{a,b,c}", count: 20_000), String(repeating: "ca", count: 10_000)),
            (String(repeating: "{a,", count: 20_000) + "b" + String(repeating: "}", count: 20_000), "b"),
            (String(repeating: "{", count: 50_000), String(repeating: "{", count: 50_000)),
        ]
    )
    func manyBraces(pattern: String, path: String) {
        #expect(Glob(pattern).matches(path))
    }

    @Test("A file asked for by name that cannot be searched is an error, not a file without matches")
    func unsearchable() async throws {
        try await withDirectory { directory in
            try write(["binary": "two\0\n"], below: directory)
            let error = await #expect(throws: HarnessError.self) {
                try await GrepTool().run(["pattern": "two", "path": "binary"], in: toolContext(directory))
            }
            #expect(error?.code == .binary)
        }
    }

    @Test("A line longer than what is read at once counts as one line")
    func longLine() async throws {
        try await withDirectory { directory in
            try write(["f": String(repeating: "x", count: 5 << 20) + "\nhere\n"], below: directory)
            let output = try await GrepTool().run(["pattern": "here", "path": "f"], in: toolContext(directory))
            #expect(output.text == "f:2: here")
        }
    }

    @Test("The command for a line that is too long quotes the path")
    func quotedPath() async throws {
        try await withDirectory { directory in
            try write(["a'b": String(repeating: "x", count: 60_000)], below: directory)
            let output = try await ReadTool().run(["path": "a'b"], in: toolContext(directory))
            #expect(output.text.contains("'\(directory)/a'\\''b'"))
        }
    }

    @Test("A file whose name is as long as names can be is written")
    func longName() async throws {
        try await withDirectory { directory in
            let name = String(repeating: "n", count: 255)
            let output = try await WriteTool().run(["path": .string(name), "content": "x"], in: toolContext(directory))
            #expect(output.text.hasPrefix("Wrote 1 bytes"))
        }
    }
}
