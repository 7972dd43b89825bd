import Domain
import Foundation
import Testing

@testable import AgentRun

@Suite("Preflight")
struct PreflightTests {
    let directory = NSTemporaryDirectory() + "al-preflight-\(UUID().uuidString)"
    let sink = LogSink()
    let context: PreflightContext

    init() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let sink = sink
        context = PreflightContext(
            environment: ["PATH": "/usr/bin:/bin", "NAME": "a;b", "TOKEN": "hush"],
            directory: directory,
            log: RunLog(now: { Date(timeIntervalSince1970: 0) }, write: { sink.write($0) })
        )
    }

    private func run(_ steps: PreflightStep...) async throws {
        try await Preflight(steps: steps, context: context).run()
    }

    private func shell(_ command: String, output: String? = nil, isRequired: Bool = true) -> PreflightStep {
        PreflightStep(
            provider: "shell",
            isRequired: isRequired,
            params: .object(["command": .string(command), "output": output.map(JSONValue.string)])
        )
    }

    @Test(
        "References are expanded once, everything else stays",
        arguments: [
            ("${A}-${B}", "x-${A}", []), ("$A ${} ${1} ${A", "$A ${} ${1} ${A", []), ("[${C}]", "[]", ["C"]),
            ("${A B}", "${A B}", []),
        ]
    )
    func interpolation(_ text: String, _ expected: String, _ missing: [String]) {
        let result = Interpolation.expand(text, ["A": "x", "B": "${A}"])
        #expect(result.text == expected)
        #expect(result.missing == missing)
    }

    @Test("The shell expands its command itself; the output goes to a file below the working directory")
    func shellOutput() async throws {
        try await run(shell("printf '%s' \"$NAME\"; pwd >&2", output: "deep/${NAME}/out.txt"))
        let text = try String(contentsOfFile: directory + "/deep/a;b/out.txt", encoding: .utf8)
        #expect(text == "a;b")
        #expect(sink.entry("preflight shell output written")?["bytes"] == 3)
        #expect(sink.entry("preflight shell output written")?["path"] == "deep/${NAME}/out.txt")
        #expect(sink.entries.first?["msg"] == "preflight starting")
        #expect(sink.entries.last?["msg"] == "preflight complete")
    }

    @Test("Without an output file the lines are plain output of the run")
    func shellLines() async throws {
        try await run(shell("echo one; printf two"))
        #expect(sink.output.contains("one"))
        #expect(sink.output.contains("two"))
        #expect(sink.entry("preflight step [1/1] shell done") != nil)
    }

    @Test("What a command that fails said last is in the log, though its line has no end")
    func lastWords() async throws {
        try await run(shell("printf 'no database'; exit 3", isRequired: false))
        #expect(sink.output == ["no database"])
    }

    @Test("Of a long line the beginning is kept, in whatever pieces it comes", arguments: [1, 7, 100_000])
    func longLine(_ size: Int) {
        let sink = sink
        let lines = LineSplitter { sink.write($0) }
        let bytes = Array("a\n\n\(String(repeating: "x", count: 200_000))\nb".utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            lines.append(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        lines.finish()
        #expect(sink.lines.count == 4)
        #expect([sink.lines[0], sink.lines[1], sink.lines[3]] == ["a", "", "b"])
        #expect(sink.lines[2].utf8.count == RunLog.lineLimit + 1)
    }

    @Test("A step that fails leaves no half file, and an earlier one as it was")
    func failedOutput() async throws {
        let old = directory + "/old.txt"
        try "old".write(toFile: old, atomically: true, encoding: .utf8)
        for path in ["old.txt", "new.txt"] {
            try await run(shell("echo half; exit 1", output: path, isRequired: false))
            let fetch = PreflightStep(
                provider: "http",
                isRequired: false,
                params: ["url": "ftp://127.0.0.1/", "output": .string(path)]
            )
            try await run(fetch)
        }
        #expect(try String(contentsOfFile: old, encoding: .utf8) == "old")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["old.txt"])
        try await run(shell("echo whole", output: "old.txt"))
        #expect(try String(contentsOfFile: old, encoding: .utf8) == "whole\n")
    }

    @Test("What is no plain file is written where it is", arguments: ["/dev/null", "plain.txt"])
    func linkedOutput(target: String) async throws {
        let link = directory + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        try await run(shell("echo some", output: "link"), shell("echo one; exit 1", output: "link", isRequired: false))
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == target)
        if !target.hasPrefix("/") {
            #expect(try String(contentsOfFile: "\(directory)/\(target)", encoding: .utf8) == "one\n")
        }
    }

    @Test("A pipe that nobody reads ends the step, and is there for the next one")
    func unreadPipe() async throws {
        let pipe = directory + "/pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        let failure = await #expect(throws: RunFailure.self) { try await run(shell("echo x", output: "pipe")) }
        #expect(failure?.description.contains("nobody reads from this pipe") == true, "\(String(describing: failure))")
        let reader = open(pipe, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        try await run(shell("echo read", output: "pipe"))
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = read(reader, &bytes, bytes.count)
        #expect(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self) == "read\n")
    }

    @Test("Of two that write one file at a time the last one counts, and none fails")
    func sameOutput() async throws {
        let path = directory + "/same"
        _ = try await OutputFile.write(to: path) { first in
            try first.append(Array("first".utf8))
            _ = try await OutputFile.write(to: path) { second in try second.append(Array("second".utf8)) }
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "first")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["same"])
    }

    @Test("A required step that fails ends preflight; an optional one only warns")
    func required() async throws {
        try await run(shell("echo why >&2; exit 3", isRequired: false), shell("echo next"))
        let warning = sink.entry("preflight step [1/2] shell failed (optional, continuing)")
        #expect(warning?["error"]?.stringValue?.contains("exited with 3") == true)
        #expect(warning?["error"]?.stringValue?.contains("why") == true)
        #expect(sink.output.contains("next"))
        await #expect(throws: RunFailure.self) { try await run(shell("exit 1"), shell("echo never")) }
        #expect(!sink.output.contains("never"))
    }

    @Test("Missing parameters and unknown providers are named")
    func mistakes() async throws {
        let failure = await #expect(throws: RunFailure.self) {
            try await run(PreflightStep(provider: "http", params: ["url": "http://x"]))
        }
        #expect(failure?.text.contains("`output`") == true)
        let unknown = await #expect(throws: RunFailure.self) {
            try await run(PreflightStep(provider: "ftp", params: [:]))
        }
        #expect(unknown?.text.contains("git-clone, http, shell") == true)
    }

    @Test("git-clone builds an argument vector in which no value is an option")
    func gitClone() throws {
        func arguments(_ params: JSONValue) throws -> [String] {
            try GitCloneStep.arguments(
                PreflightParams(step: PreflightStep(provider: "git-clone", params: params), context: context)
            )
        }
        #expect(
            try arguments(["repo": "o/r", "dest": "d;x", "branch": "${NAME}", "depth": 1]) == [
                "git", "clone", "--branch", "a;b", "--depth", "1", "--", "git@github.com:o/r.git", "d;x",
            ]
        )
        #expect(try arguments(["repo": "https://h/r", "dest": "d"]).contains("https://h/r"))
        for params: JSONValue in [
            ["repo": "--upload-pack=x", "dest": "d"], ["repo": "o/r", "dest": "-d"], ["repo": "o/r"],
            ["repo": "o/r", "dest": "d", "branch": "-b"], ["repo": "o/r", "dest": "d", "depth": 0],
        ] {
            #expect(throws: RunFailure.self) { try arguments(params) }
        }
    }

    @Test("A URL is shown without user and query")
    func shownURL() {
        #expect(HTTPStep.shown("https://u:p@example.org/a?token=hush#x") == "https://example.org/a")
    }
}
