package import Domain
package import LanguageModels

/// Runs a shell command.
package struct BashTool: Tool {
    package let definition = ToolDefinition(
        name: "bash",
        description: """
            Run a command in a fresh bash in the working directory. Standard input is empty; standard output and error \
            come together. Long output is shown by its beginning and end. What still runs in the background becomes a job.
            """,
        schema: ToolSchema.object(
            [
                "command": ToolSchema.string("The command"),
                "timeout": ToolSchema.number(
                    "Seconds until it is killed; without, it moves to the background after 600"
                ),
                "background": ToolSchema.boolean("Return at once with a job id"),
            ],
            required: ["command"]
        )
    )
    private let patience: Double
    private let memory: MemoryEvents

    /// Sets the patience.
    ///
    /// - Parameters:
    ///   - patience: seconds after which a command without timeout moves to the background.
    ///   - memoryEventsPath: the control group's file that counts kills for lack of memory.
    package init(patience: Double = 600, memoryEventsPath: String = "/sys/fs/cgroup/memory.events") {
        self.patience = patience
        memory = MemoryEvents(path: memoryEventsPath)
    }

    package func run(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolOutput {
        let timeout = arguments["timeout"]?.doubleValue.flatMap { $0 > 0 ? $0 : nil }
        let background = arguments["background"]?.boolValue ?? false
        let process = try ShellProcess(arguments["command"]?.stringValue ?? "", in: context, timeout: timeout)
        context.jobs.enter(process)
        let patience = patience
        await withTaskCancellationHandler {
            await process.settle(within: background ? 0.8 : (timeout == nil ? patience : nil))
        } onCancel: {
            process.terminate()
        }
        let seen = process.look()
        let id = seen.phase == .ended ? nil : context.jobs.promote(process)
        if id == nil { context.jobs.leave(process) }
        let text = Report(seen, id: id, timeout: timeout, background: background, patience: patience, memory: memory)
        return ToolOutput([.text(text.text)], isError: text.isError, redacted: seen.redacted)
    }

    /// How the end of a command is put to the model.
    private struct Report {
        let text: String
        let isError: Bool

        init(
            _ seen: ShellProcess.Snapshot,
            id: String?,
            timeout: Double?,
            background: Bool,
            patience: Double,
            memory: MemoryEvents
        ) {
            var notes: [String] = []
            var isError = false
            if seen.timedOut {
                notes.append("Timed out after \(Self.seconds(timeout ?? 0)) seconds and was killed.")
                isError = true
            } else if let exit = seen.exit {
                if let note = exit.failureText(memory: memory) {
                    notes.append(note)
                    isError = true
                }
                if let id { notes.append("Processes are still running in the background as \(Self.hint(id))") }
            } else if let id {
                let reason = background ? "Running" : "Still running after \(Self.seconds(patience)) seconds, moved"
                notes.append("\(reason) in the background as \(Self.hint(id))")
            }
            let output = seen.output.isEmpty ? (notes.isEmpty ? ["(no output)"] : []) : [seen.output]
            text = (output + notes).joined(separator: "\n\n")
            self.isError = isError
        }

        private static func seconds(_ value: Double) -> String {
            value == value.rounded() ? "\(Int(value))" : "\(value)"
        }

        private static func hint(_ id: String) -> String {
            "\(id); look at it with the job tool (id \(id), action output or wait), stop it with action kill."
        }
    }
}

extension ShellProcess.Exit {
    /// What went wrong; `nil` after success.
    func failureText(memory: MemoryEvents) -> String? {
        switch self {
        case .code(0): nil
        // A shell reports a child that died of SIGKILL so; only the kernel's count tells whether memory ran out.
        case .code(137) where memory.hasRisen: "Exit code 137: killed, out of memory."
        case .code(let code): "Exit code: \(code)"
        case .signal(let number):
            "Killed by \(SignalName.text(number))" + (number == 9 && memory.hasRisen ? ": out of memory." : ".")
        }
    }
}

/// Names of signals.
enum SignalName {
    private static let names = [
        1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
        9: "SIGKILL", 10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
        24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS",
    ]

    /// The name, or the number of a signal without one.
    static func text(_ number: Int) -> String { names[number] ?? "signal \(number)" }
}
