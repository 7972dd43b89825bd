import Domain
import Foundation
import Testing

@testable import Harness

@Suite(.timeLimit(.minutes(5)))
struct ShellOutputTests {
    @Test("Long output shows its beginning, its end, and the file that has everything")
    func ends() async throws {
        try await withDirectory { directory in
            let output = try await BashTool().run(["command": "seq 1 5000"], in: toolContext(directory))
            let lines = output.text.split(separator: "\n")
            #expect(lines.first == "1")
            #expect(lines[399] == "400")
            #expect(
                lines[400].hasPrefix("… 5000 lines, 23.3KB, 3000 lines omitted, full output: \(directory)/al-bash-")
            )
            #expect(lines[401] == "3401")
            #expect(lines.last == "5000")
            #expect(lines.count == 2001)
            let file = try #require(lines[400].split(separator: " ").first { $0.hasPrefix(directory) })
            let name = file.dropFirst("\(directory)/al-bash-".count)
            #expect(name.wholeMatch(of: /[0-9a-f]{16}\.log/) != nil)
            let whole = try String(contentsOfFile: String(file), encoding: .utf8)
            #expect(whole == (1...5000).map { "\($0)\n" }.joined())
        }
    }

    @Test("Output at the limits comes whole, without a file")
    func atLimit() async throws {
        try await withDirectory { directory in
            let output = try await BashTool().run(["command": "seq 1 2000"], in: toolContext(directory))
            #expect(output.text.split(separator: "\n").count == 2000)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
        }
    }

    @Test("A flood stays bounded in result, file and memory")
    func flood() async throws {
        try await withDirectory { directory in
            let before = residentBytes()
            let command = "yes | head -c 100000000"
            let output = try await BashTool().run(["command": .string(command)], in: toolContext(directory))
            #expect(output.text.utf8.count < 60_000)
            #expect(output.text.contains("… 50000000 lines, 95.4MB, 49998000 lines omitted"))
            let file = try #require(try FileManager.default.contentsOfDirectory(atPath: directory).first)
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(file)")
            #expect((attributes[.size] as? Int).map { $0 < 33 * 1024 * 1024 } == true)
            // Other tests of the process take memory meanwhile; a flood that was kept would take 95 MB by itself.
            #expect(residentBytes() - before < 90 * 1024 * 1024)
        }
    }

    @Test("A line over the limit is cut and keeps its end, at a character")
    func longLine() async throws {
        try await withDirectory { directory in
            let command = "head -c 300000 /dev/zero | sed 's/\\x00/é/g'; printf 'END\\n'"
            let output = try await BashTool().run(["command": .string(command)], in: toolContext(directory))
            #expect(output.text.hasSuffix("ééEND"))
            #expect(!output.text.contains("\u{FFFD}"))
            #expect(output.text.utf8.count < 42_000)
        }
    }

    @Test("Secrets are taken out of result and file, also where chunks meet")
    func redaction() async throws {
        try await withDirectory { directory in
            let redact: Redactor = { text in
                text.contains("hunter22")
                    ? (text.replacingOccurrences(of: "hunter22", with: "[x]"), ["t.f"]) : (text, [])
            }
            let command = "for i in $(seq 1 30000); do echo hunter22; done"
            let context = toolContext(directory, redact: redact)
            let output = try await BashTool().run(["command": .string(command)], in: context)
            #expect(!output.text.contains("hunter22"))
            #expect(output.redacted == ["t.f"])
            let file = try #require(try FileManager.default.contentsOfDirectory(atPath: directory).first)
            let whole = try String(contentsOfFile: "\(directory)/\(file)", encoding: .utf8)
            #expect(whole == String(repeating: "[x]\n", count: 30000))
        }
    }

    @Test("A cleaned stream is the same however it is split", arguments: 1...9)
    func splits(_ size: Int) {
        let bytes = Array("a\u{1B}[1;31mé\u{1B}[0m\rbc\r\n\u{1B}]0;t\u{1B}\\x\u{1B}(By\u{8}z\n".utf8)
        var cleaner = OutputCleaner()
        for start in stride(from: 0, to: bytes.count, by: size) {
            Array(bytes[start..<min(start + size, bytes.count)]).withUnsafeBytes { cleaner.append($0) }
        }
        #expect(OutputCleaner.text(cleaner.pending) == "bc\nxyz\n")
    }

    private func residentBytes() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0) * 4096
    }
}
