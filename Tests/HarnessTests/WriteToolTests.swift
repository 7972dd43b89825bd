import Domain
import Foundation
import Testing

@testable import Harness

struct WriteToolTests {
    @Test("Parents are created and bytes are counted")
    func creates() async throws {
        try await withDirectory { directory in
            let output = try await WriteTool().run(
                ["path": "a/b/c.txt", "content": "né\n"],
                in: toolContext(directory)
            )
            #expect(output.text == "Wrote 4 bytes to \(directory)/a/b/c.txt")
            #expect(try String(contentsOfFile: directory + "/a/b/c.txt", encoding: .utf8) == "né\n")
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory + "/a/b") == ["c.txt"])
        }
    }

    @Test("An existing file keeps its mode, and a link stays a link")
    func keeps() async throws {
        try await withDirectory { directory in
            let files = FileManager.default
            #expect(
                files.createFile(atPath: directory + "/real", contents: Data(), attributes: [.posixPermissions: 0o754])
            )
            try files.createSymbolicLink(atPath: directory + "/link", withDestinationPath: "real")
            try files.createSymbolicLink(atPath: directory + "/dangling", withDestinationPath: "new")
            _ = try await WriteTool().run(["path": "link", "content": "x"], in: toolContext(directory))
            _ = try await WriteTool().run(["path": "dangling", "content": "y"], in: toolContext(directory))
            #expect(try String(contentsOfFile: directory + "/real", encoding: .utf8) == "x")
            #expect(try String(contentsOfFile: directory + "/new", encoding: .utf8) == "y")
            #expect(try files.destinationOfSymbolicLink(atPath: directory + "/link") == "real")
            #expect(try files.attributesOfItem(atPath: directory + "/real")[.posixPermissions] as? Int == 0o754)
        }
    }

    @Test("What cannot be written is an error; for a read-only place it names writable ones")
    func errors() async throws {
        try await withDirectory { directory in
            let context = toolContext(directory)
            let isDirectory = await #expect(throws: HarnessError.self) {
                try await WriteTool().run(["path": ".", "content": ""], in: context)
            }
            #expect(isDirectory?.code == .isDirectory)
            let readOnly = await #expect(throws: HarnessError.self) {
                try await WriteTool().run(["path": "/proc/nowhere/x", "content": ""], in: context)
            }
            #expect(readOnly?.code == .notWritable)
            #expect(readOnly?.text.contains("/tmp") == true)
            #expect(readOnly?.text.contains(directory) == true)
            try write(["file": "x"], below: directory)
            let below = await #expect(throws: HarnessError.self) {
                try await WriteTool().run(["path": "file/a/b", "content": ""], in: context)
            }
            #expect(below?.text.contains("Not a directory") == true, "\(below?.text ?? "")")
        }
    }
}
