import Domain

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
            let end = try await child.run { lines.append($0) }
            lines.finish()
            try check(end)
            return
        }
        let size = try await OutputFile.write(to: context.path(output)) { file in
            try check(try await child.run { try file.append($0) })
        }
        context.log.line(
            .info,
            "preflight shell output written",
            ["path": .string(params.written("output")), "bytes": .int(size)]
        )
    }

    private func check(_ end: ChildCommand.End) throws(RunFailure) {
        guard end.code != 0 else { return }
        let how = end.code < 0 ? "was killed" : "exited with \(end.code)"
        throw RunFailure(.preflight, "the command \(how). Its last output on standard error: \(end.errorTail)")
    }
}
