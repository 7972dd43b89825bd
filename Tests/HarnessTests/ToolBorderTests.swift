import Domain
import Foundation
import Testing

@testable import Harness

/// Limits at their exact borders, and files that are not ordinary text.
@Suite(.timeLimit(.minutes(5)))
struct ToolBorderTests {
    private func read(_ bytes: [UInt8], _ arguments: JSONValue = [:], seeing: Bool = false) async throws -> ToolOutput {
        try await withDirectory { directory in
            try Data(bytes).write(to: URL(filePath: directory + "/f"))
            var arguments = arguments
            arguments["path"] = "f"
            return try await ReadTool().run(arguments, in: toolContext(directory, acceptsImages: seeing))
        }
    }

    private func repeated(_ text: String, _ count: Int) -> [UInt8] { Array(String(repeating: text, count: count).utf8) }

    @Test(
        "2000 lines are shown whole, one more is announced",
        arguments: [("", 2000, false), ("x", 2001, true), ("x\n", 2001, true)]
    )
    func lines(_ tail: String, _ total: Int, _ isCut: Bool) async throws {
        let text = try await read(repeated("x\n", 2000) + Array(tail.utf8)).text
        #expect(text.contains("[Lines 1-2000 of \(total). Go on with offset=2001.]") == isCut)
        #expect(text.hasPrefix("x\nx"))
    }

    @Test("A line of 51200 bytes is shown, one of 51201 is not", arguments: [(51_200, true), (51_201, false)])
    func firstLine(_ count: Int, _ isShown: Bool) async throws {
        let text = try await read(repeated("a", count)).text
        #expect((text.utf8.count == count) == isShown)
        #expect(text.contains("over the 50KB limit") != isShown)
    }

    @Test("51200 bytes with their line breaks are shown, one more is not", arguments: [(0, false), (1, true)])
    func bytes(_ more: Int, _ isCut: Bool) async throws {
        // 511 lines of 100 bytes with their breaks are 51100; the last line ends the text without one.
        let content = repeated(String(repeating: "b", count: 99) + "\n", 511) + repeated("c", 100 + more)
        let text = try await read(content).text
        #expect(text.contains("(50KB limit)") == isCut)
        #expect(text.contains("ccc") != isCut)
    }

    @Test(
        "A NUL in the first 8 KiB makes a file binary, behind them it does not",
        arguments: [(8191, true), (8192, false)]
    )
    func nul(_ position: Int, _ isBinary: Bool) async throws {
        var content = repeated("a", 8200)
        content[position] = 0
        if isBinary {
            let error = await #expect(throws: HarnessError.self) { try await read(content) }
            #expect(error?.code == .binary)
            #expect(error?.text.contains("8KB") == true)
        } else {
            #expect(try await read(content).text.utf8.count == 8200)
        }
    }

    static let pageCases: [(arguments: JSONValue, text: String?)] = [
        (["offset": 0], "a\nb\nc"), (["offset": -5], "a\nb\nc"), (["offset": 3], "c"),
        (["limit": 0], "a\n[Lines 1-1 of 3. Go on with offset=2.]"), (["limit": 3], "a\nb\nc"),
        (["offset": 2, "limit": 99], "b\nc"), (["offset": 1e300, "limit": 1], nil), (["offset": 4], nil),
    ]

    @Test("Offsets and limits at their borders", arguments: ToolBorderTests.pageCases)
    func pages(_ arguments: JSONValue, _ text: String?) async throws {
        if let text {
            #expect(try await read(Array("a\nb\nc\n".utf8), arguments).text == text)
        } else {
            let error = await #expect(throws: HarnessError.self) { try await read(Array("a\nb\nc\n".utf8), arguments) }
            #expect(error?.code == .outOfRange)
        }
    }

    @Test("Text that is no UTF-8 is read with marks; CRLF and byte order marks come through")
    func encodings() async throws {
        #expect(try await read([0x61, 0xFF, 0x62]).text == "a\u{FFFD}b")
        #expect(
            try await read(Array("\u{FEFF}a\r\nb\r\n".utf8)).text.unicodeScalars.elementsEqual(
                "\u{FEFF}a\r\nb\r".unicodeScalars
            )
        )
        #expect(try await read(Array("\n".utf8)).text.isEmpty)
    }

    @Test("A huge file costs no more memory than what is shown of it")
    func huge() async throws {
        try await withDirectory { directory in
            let path = directory + "/f"
            _ = FileManager.default.createFile(atPath: path, contents: Data("first\n".utf8))
            let file = try #require(FileHandle(forWritingAtPath: path))
            let block = Data(repeated(String(repeating: "z", count: 1023) + "\n", 1024))
            try file.seekToEnd()
            for _ in 0..<64 { try file.write(contentsOf: block) }
            try file.close()
            let before = residentBytes()
            let text = try await ReadTool().run(["path": "f", "limit": 1], in: toolContext(directory)).text
            #expect(text == "first\n[Lines 1-1 of 65537. Go on with offset=2.]")
            #expect(residentBytes() - before < 32 << 20)
        }
    }

    @Test("A pipe, a device and a directory are refused, a link is followed")
    func special() async throws {
        try await withDirectory { directory in
            let context = toolContext(directory)
            #expect(mkfifo(directory + "/pipe", 0o600) == 0)
            for path in ["pipe", "/dev/zero"] {
                let error = await #expect(throws: HarnessError.self) {
                    try await ReadTool().run(["path": .string(path)], in: context)
                }
                #expect(error?.code == .notRegular)
            }
            try write(["real": "text\n"], below: directory)
            try FileManager.default.createSymbolicLink(atPath: directory + "/link", withDestinationPath: "real")
            #expect(try await ReadTool().run(["path": "link"], in: context).text == "text")
            _ = try await EditTool().run(["path": "link", "oldText": "text", "newText": "other"], in: context)
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: directory + "/link") == "real")
            #expect(try String(contentsOfFile: directory + "/real", encoding: .utf8) == "other\n")
            let special = await #expect(throws: HarnessError.self) {
                try await GrepTool().run(["pattern": "x", "path": "pipe"], in: context)
            }
            #expect(special?.code == .notRegular)
        }
    }

    @Test("A path goes up from where a link leads, as in the shell")
    func upFromLink() async throws {
        try await withDirectory { directory in
            try write(["releases/5/a": "", "releases/shared": "there", "shared": "here"], below: directory)
            try FileManager.default.createSymbolicLink(
                atPath: directory + "/current",
                withDestinationPath: "releases/5"
            )
            let context = toolContext(directory)
            #expect(try await ReadTool().run(["path": "current/../shared"], in: context).text == "there")
            #expect(try await ReadTool().run(["path": "releases/../shared"], in: context).text == "here")
        }
    }

    @Test("At most three similar names are offered")
    func similar() async throws {
        try await withDirectory { directory in
            try write(["file1": "", "file2": "", "file3": "", "file4": "", "other": ""], below: directory)
            let error = await #expect(throws: HarnessError.self) {
                try await ReadTool().run(["path": "file"], in: toolContext(directory))
            }
            #expect(error?.text.contains("Similar: file1, file2, file3.") == true, "\(error?.text ?? "")")
        }
    }

    @Test("How alike names are is measured in characters, whatever their bytes")
    func similarBeyondASCII() {
        let names = ["данные", "файлик", "ю", "файл"]
        #expect(SimilarNames.best(for: "файлы", among: names, count: 3) == ["файл", "файлик"])
        #expect(SimilarNames.best(for: "юг", among: ["югозапад"], count: 3) == [])
    }

    static func png(_ width: Int, _ height: Int) -> [UInt8] {
        var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]
        for value in [width, height] {
            for shift in [24, 16, 8, 0] { bytes.append(UInt8(value >> shift & 0xFF)) }
        }
        return bytes + [8, 6, 0, 0, 0] as [UInt8]
    }

    private static let jpeg: [UInt8] = [
        0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xC0, 0, 11, 8, 0, 6, 0, 7, 1, 1, 17, 0, 0xFF,
    ]
    private static let webp: [UInt8] = [
        0x52, 0x49, 0x46, 0x46, 0, 0, 0, 0, 0x57, 0x45, 0x42, 0x50, 0x56, 0x50, 0x38, 0x58, 10, 0, 0, 0, 0, 0, 0, 0, 8,
        0, 0,
        9, 0, 0,
    ]
    private static let gif: [UInt8] = [0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 5, 0, 4, 0, 0, 0]
    static let samples: [(bytes: [UInt8], text: String)] = [
        (png(3, 2), "image/png, 3x2"), (gif, "image/gif, 5x4"), (jpeg, "image/jpeg, 7x6"), (webp, "image/webp, 9x10"),
    ]

    @Test("Kind and size of a picture are read from its bytes", arguments: ToolBorderTests.samples)
    func pictures(_ bytes: [UInt8], _ text: String) async throws {
        #expect(try await read(bytes, seeing: true).text.hasPrefix(text))
        #expect(try await read(bytes, seeing: true).content.count == 2)
        #expect(try await read(bytes).content.count == 1)
    }

    @Test(
        "A picture of 3.5 MB and 8000 pixels is shown, anything more is not",
        arguments: [(3_670_016, 8000, true), (3_670_017, 8000, false), (100, 8001, false)]
    )
    func largePictures(_ size: Int, _ side: Int, _ isShown: Bool) async throws {
        let bytes = Self.png(side, 10)
        let content = bytes + [UInt8](repeating: 7, count: size - bytes.count)
        if isShown {
            #expect(try await read(content, seeing: true).content.count == 2)
        } else {
            let error = await #expect(throws: HarnessError.self) { try await read(content, seeing: true) }
            #expect(error?.code == .tooLarge)
        }
    }

    @Test(
        "Output of 51200 bytes comes whole, one byte more in two parts with a file",
        arguments: [(51_200, false), (51_201, true)]
    )
    func output(_ count: Int, _ isCut: Bool) async throws {
        try await withDirectory { directory in
            // Lines of 64 bytes, so that bytes and not lines are the limit.
            let command = "yes \(String(repeating: "q", count: 63)) | head -c \(count)"
            let text = try await BashTool().run(["command": .string(command)], in: toolContext(directory)).text
            #expect(text.contains("full output") == isCut)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty != isCut)
        }
    }

    @Test("An edit's result shows at most 40 lines")
    func hunk() throws {
        let edit = try TextEdit(
            Array("a\nb\n".utf8),
            path: "/f",
            old: "b",
            new: (1...100).map(String.init).joined(separator: "\n"),
            replacingAll: false
        )
        #expect(edit.report.split(separator: "\n").count == 41)
    }

    @Test("An edit in a file of one long line shows its beginning only, also when nothing fits")
    func longLines() {
        let line = String(repeating: "x", count: 100_000)
        let edit = try? TextEdit(Array("a\n\(line)".utf8), path: "/f", old: "a", new: "b", replacingAll: false)
        #expect(edit?.report.contains("… [line cut]") == true && (edit?.report.utf8.count ?? .max) < 1000)
        let error = #expect(throws: HarnessError.self) {
            try TextEdit(Array("a\n\(line)".utf8), path: "/f", old: "b\n\(line)", new: "c", replacingAll: false)
        }
        #expect(error?.text.contains("… [line cut]") == true && (error?.text.utf8.count ?? .max) < 1000)
    }

    @Test("Of very many places only the first are counted out")
    func manyPlaces() throws {
        // Counting from the beginning for each of them would take hours.
        let bytes = Array(repeating: Array("a\n".utf8), count: 300_000).flatMap { $0 }
        let edit = try TextEdit(bytes, path: "/f", old: "a", new: "b", replacingAll: true)
        #expect(edit.report.hasPrefix("Edited /f at lines 1, 2, 3,") && edit.report.contains("20, …"))
        let error = #expect(throws: HarnessError.self) {
            try TextEdit(bytes, path: "/f", old: "a", new: "b", replacingAll: false)
        }
        #expect(error?.text.contains("300000 times in /f, at lines 1, 2, 3,") == true)
    }

    @Test("An edit keeps the mode of the file, and CRLF files stay CRLF where lines are added")
    func editKeeps() async throws {
        try await withDirectory { directory in
            let path = directory + "/f"
            _ = FileManager.default.createFile(
                atPath: path,
                contents: Data("a\r\nb\r\n".utf8),
                attributes: [.posixPermissions: 0o755]
            )
            _ = try await EditTool().run(
                ["path": "f", "oldText": "a\nb", "newText": "a\nx\nb"],
                in: toolContext(directory)
            )
            #expect(try Data(contentsOf: URL(filePath: path)) == Data("a\r\nx\r\nb\r\n".utf8))
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o755)
        }
    }

    static let slips: [(given: JSONValue, expected: JSONValue?)] = [
        (["n": "5"], ["n": 5]), (["n": "5.5"], ["n": 5.5]), (["n": 3.0], ["n": 3]), (["b": "true"], ["b": true]),
        (["b": "false"], ["b": false]), (["l": "x"], ["l": ["x"]]), (["l": ["x", "y"]], ["l": ["x", "y"]]),
        (["n": "5x"], nil), (["b": "yes"], nil), (["l": [1]], nil), (["n": true], nil), (["other": 1], [:]),
        (["n": .null], [:]),
    ]

    @Test("Slips of models are put right, what is wrong is told by its path", arguments: ToolBorderTests.slips)
    func arguments(_ given: JSONValue, _ expected: JSONValue?) {
        let schema = ToolSchema.object(
            [
                "n": ToolSchema.number("n"), "b": ToolSchema.boolean("b"),
                "l": ["type": "array", "items": ["type": "string"]],
            ],
            required: []
        )
        let checked = ArgumentValidation(given, schema: schema)
        #expect(checked.problems.isEmpty == (expected != nil))
        if let expected { #expect(checked.arguments == expected) }
    }

    private func residentBytes() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0) * 4096
    }
}
