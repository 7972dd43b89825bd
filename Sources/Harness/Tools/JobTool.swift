package import Domain
package import LanguageModels

/// Looks at, waits for and stops commands in the background.
package struct JobTool: Tool {
    package let definition = ToolDefinition(
        name: "job",
        description: "Show the new output of a background job, wait for its end, or kill it.",
        schema: ToolSchema.object(
            [
                "id": ToolSchema.string("Id of the job, as bash told it"),
                "action": ToolSchema.string("What to do", choices: ["output", "wait", "kill"]),
                "seconds": ToolSchema.number("Longest wait, 30 by default"),
            ],
            required: ["id", "action"]
        )
    )

    /// Has no settings.
    package init() {}

    package func run(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolOutput {
        let id = arguments["id"]?.stringValue ?? ""
        guard let process = context.jobs.job(id) else {
            let known = context.jobs.ids.joined(separator: ", ")
            throw HarnessError(
                .unknownJob,
                "There is no job \(id). " + (known.isEmpty ? "No job was started." : "Jobs: \(known).")
            )
        }
        switch arguments["action"]?.stringValue {
        case "wait": await process.end(within: max(0, min(arguments["seconds"]?.doubleValue ?? 30, 3600)))
        case "kill":
            process.terminate()
            await process.end(within: 3)
        default: break
        }
        let seen = process.look()
        if seen.phase == .ended { context.jobs.leave(process) }
        let output = seen.output.isEmpty ? "(no new output)" : seen.output
        return ToolOutput([.text(output + "\n\n[\(id): \(Self.state(seen))]")], redacted: seen.redacted)
    }

    private static func state(_ seen: ShellProcess.Snapshot) -> String {
        let status =
            switch seen.exit {
            case .code(let code): "exit code \(code)"
            case .signal(let number): "killed by \(SignalName.text(number))"
            case nil: "no exit status yet"
            }
        return switch seen.phase {
        case .running: "running"
        case .leftBehind: "shell ended, \(status), other processes running"
        case .ended: "ended, \(status)" + (seen.timedOut ? ", timed out" : "")
        }
    }
}
