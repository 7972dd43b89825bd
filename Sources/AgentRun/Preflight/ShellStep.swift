import Domain
import Synchronization

/// Runs a command; its output goes to a file or into the log.
struct ShellStep: PreflightProvider {
    func run(_ params: PreflightParams, _ context: PreflightContext) async throws {
        let command = params.written("command")
        guard !command.isEmpty else {
            throw RunFailure(.preflight, "shell: the parameter `command` is missing or empty")
        }
        context.log.line(.info, "preflight shell", ["command": .string(command.cut(to: 200))])
        let child = ChildCommand(
            arguments: ["/bin/sh", "-c", command],
            directory: context.directory,
            environment: context.environment
        )
        guard let output = params.text("output") else {
            let lines = LineSplitter { context.log.output($0) }
            try check(try await child.run { lines.append($0) })
            lines.finish()
            return
        }
        let file = try OutputFile(path: context.path(output))
        try check(try await child.run { try file.append($0) })
        context.log.line(
            .info,
            "preflight shell output written",
            ["path": .string(params.written("output")), "bytes": .int(try file.close())]
        )
    }

    private func check(_ end: ChildCommand.End) throws(RunFailure) {
        guard end.code != 0 else { return }
        let how = end.code < 0 ? "was killed" : "exited with \(end.code)"
        throw RunFailure(.preflight, "the command \(how). Its last output on standard error: \(end.errorTail)")
    }
}

/// Cuts a stream of bytes into lines.
private final class LineSplitter: Sendable {
    private let pending = Mutex<[UInt8]>([])
    private let onLine: @Sendable (String) -> Void

    init(onLine: @escaping @Sendable (String) -> Void) { self.onLine = onLine }

    func append(_ bytes: [UInt8]) {
        pending.withLock { pending in
            pending += bytes
            while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                onLine(String(decoding: pending[..<end], as: UTF8.self))
                pending.removeSubrange(...end)
            }
        }
    }

    func finish() {
        pending.withLock { pending in
            if !pending.isEmpty { onLine(String(decoding: pending, as: UTF8.self)) }
            pending = []
        }
    }
}
