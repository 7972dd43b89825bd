import Foundation
import Subprocess
import SystemPackage

/// `al start -H` on a test's project.
struct SchedulerProcess {
    private let process: Int32
    private let lines: AsyncStream<String>

    fileprivate init(process: Int32, lines: AsyncStream<String>) {
        self.process = process
        self.lines = lines
    }

    /// Waits until it prints a line that contains this, behind those that were waited for before.
    func prints(_ text: String) async throws {
        var others: [String] = []
        for await line in lines {
            if line.contains(text) { return }
            others.append(line)
        }
        throw NeverPrinted(text: text, lines: others)
    }

    /// Sends it a signal.
    func send(_ signal: Int32) { kill(process, signal) }

    private struct NeverPrinted: Error {
        let text: String
        let lines: [String]
    }
}

extension AlProcess {
    /// Runs the project's scheduler while the body runs, which is to bring about its end; agents are plain processes.
    ///
    /// - Returns: the scheduler's exit code.
    func scheduling(
        _ options: [String] = [],
        _ body: (SchedulerProcess) async throws -> Void
    ) async throws -> Int32 {
        let result = try await Subprocess.run(
            .path(FilePath(Self.executable)),
            arguments: Arguments(["start", "-H", "--no-docker"] + options),
            environment: .custom(variables),
            workingDirectory: FilePath(directory),
            input: .none,
            output: .sequence,
            error: .combinedWithOutput
        ) { execution in
            let output = execution.standardOutput
            let (lines, printed) = AsyncStream.makeStream(of: String.self)
            let scheduler = SchedulerProcess(process: execution.processIdentifier.value, lines: lines)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { printed.finish() }
                    var rest: [UInt8] = []
                    for try await buffer in output {
                        rest += buffer.withUnsafeBytes { Array($0) }
                        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                            printed.yield(String(decoding: rest[..<end], as: UTF8.self))
                            rest.removeSubrange(...end)
                        }
                    }
                }
                do {
                    try await scheduler.prints("scheduler started")
                    try await body(scheduler)
                } catch {
                    // Its output would not end.
                    scheduler.send(SIGKILL)
                    throw error
                }
                try await group.waitForAll()
            }
        }
        return result.terminationStatus.shellCode
    }
}
