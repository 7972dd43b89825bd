import Domain
import Foundation
import Subprocess
import SystemPackage

/// The real binary, as a person starts it.
struct AlProcess {
    /// A directory of the test's own; removed by ``withDirectory(_:)``.
    let directory: String
    var home: String { directory + "/home" }

    /// The executable beside the test bundle.
    static let executable: String = {
        var url = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        while url.path != "/", !FileManager.default.isExecutableFile(atPath: url.appendingPathComponent("al").path) {
            url.deleteLastPathComponent()
        }
        return url.appendingPathComponent("al").path
    }()

    /// Runs a body with a directory that is gone afterwards.
    static func withDirectory(_ body: (AlProcess) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/al-test-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(AlProcess(directory: directory))
    }

    /// What a command printed and how it ended.
    struct Result {
        let code: Int32
        let output: String
        let error: String
    }

    /// Runs `al` to its end with a closed standard input.
    func run(_ arguments: String..., input: String = "") async throws -> Result {
        try await run(arguments, input: input)
    }

    /// Runs `al` to its end with a closed standard input.
    func run(
        _ arguments: [String],
        input: String = "",
        adding more: [Environment.Key: String] = [:]
    ) async throws -> Result {
        let result = try await Subprocess.run(
            .path(FilePath(Self.executable)),
            arguments: Arguments(arguments),
            environment: .custom(variables.merging(more) { $1 }),
            workingDirectory: FilePath(directory),
            input: .string(input),
            output: .string(limit: 4 << 20),
            error: .string(limit: 4 << 20)
        )
        return Result(
            code: result.terminationStatus.shellCode,
            output: result.standardOutput,
            error: result.standardError
        )
    }

    /// Variables of the command: a store of its own, nothing of the person who runs the tests.
    var variables: [Environment.Key: String] {
        [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": directory,
            "ACTION_LLAMA_HOME": home, "NO_COLOR": "1", "TZ": "UTC", "DOCKER_HOST": "unix:///nonexistent/docker.sock",
        ]
    }

    /// Writes a file below the directory.
    func write(_ path: String, _ text: String) throws {
        let url = URL(fileURLWithPath: directory).appendingPathComponent(path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    /// Puts fields (`type/instance/field`) into the credential store, for their owner only.
    func store(_ fields: [String: String]) throws {
        for (field, value) in fields { try write("home/credentials/\(field)", value + "\n") }
        let files = FileManager.default
        for item in [""] + (files.enumerator(atPath: home)?.compactMap { $0 as? String } ?? []) {
            var isDirectory: ObjCBool = false
            _ = files.fileExists(atPath: "\(home)/\(item)", isDirectory: &isDirectory)
            let mode = isDirectory.boolValue ? 0o700 : 0o600
            try files.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(home)/\(item)")
        }
    }

    /// What a file below the directory says, without white space around it.
    func text(_ path: String) throws -> String {
        try String(contentsOfFile: "\(directory)/\(path)", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Whether a process is there and not only waits to be collected.
    static func isAlive(_ pid: some StringProtocol) -> Bool {
        guard let stat = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return false }
        return !String(decoding: stat, as: UTF8.self).contains(") Z ")
    }
}

extension TerminationStatus {
    /// The code by which a shell would tell it.
    var shellCode: Int32 {
        switch self {
        case .exited(let code): Int32(code)
        case .signaled(let signal): 128 + Int32(signal)
        }
    }
}
