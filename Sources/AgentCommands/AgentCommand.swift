import Domain

/// One of the commands an agent runs inside its run (`al-status`, `rlock`, …).
///
/// Each prints exactly one line on standard output, JSON except for `--help`, and tells the rest by its exit code. Outside a run
/// (no `GATEWAY_URL`) they answer harmlessly, so that scripts of agents can be tried on any machine.
package struct AgentCommand: Sendable {
    /// Every name under which the executable can be invoked as an in-run command.
    package static let names: [String] =
        Kind.allCases.map(\.rawValue) + aliases.map { $0.alias }.sorted()

    private static let aliases: [(alias: String, kind: Kind)] = [
        ("al-subagent", .call), ("al-subagent-check", .check), ("al-subagent-wait", .wait),
    ]

    let kind: Kind

    /// Recognises a command by the name or path the process was started with.
    ///
    /// - Parameter name: `argv[0]`; leading directories are ignored.
    package init?(invokedAs name: String) {
        let base = name.split(separator: "/").last.map(String.init) ?? name
        guard let kind = Kind(rawValue: base) ?? Self.aliases.first(where: { $0.alias == base })?.kind else {
            return nil
        }
        self.kind = kind
    }

    /// Runs the command.
    ///
    /// - Parameters:
    ///   - arguments: without the command's name.
    ///   - environment: `GATEWAY_URL`, `SHUTDOWN_SECRET` and `AL_SIGNAL_DIR` are looked at.
    ///   - standardInput: everything on standard input; `nil` when it is a terminal or closed. Called only when needed.
    ///   - standardOutput: receives the line, without newline.
    ///   - clock: measures the deadline of `al-wait` and the pauses between attempts.
    /// - Returns: the exit code, see `docs/in-run-commands.md`.
    package func run(
        arguments: [String],
        environment: [String: String],
        standardInput: @escaping @Sendable () -> [UInt8]?,
        standardOutput: (String) -> Void,
        clock: any Clock<Duration>
    ) async -> Int32 {
        if arguments == ["--help"] {
            standardOutput("usage: \(kind.usage)")
            return 0
        }
        let call = Invocation(
            arguments: arguments,
            gateway: GatewayClient(environment: environment),
            signals: SignalDirectory(environment: environment),
            standardInput: standardInput,
            clock: clock
        )
        let answer = await call.answer(to: kind)
        await call.gateway?.shutdown()
        standardOutput(answer.line)
        return answer.code
    }
}

extension AgentCommand {
    enum Kind: String, CaseIterable {
        case status = "al-status"
        case rerun = "al-rerun"
        case returnValue = "al-return"
        case exit = "al-exit"
        case call = "al-call"
        case check = "al-check"
        case wait = "al-wait"
        case lock = "rlock"
        case unlock = "runlock"
        case heartbeat = "rlock-heartbeat"
        case shutdown = "al-shutdown"

        var usage: String {
            switch self {
            case .status: "al-status \"<text>\""
            case .rerun: "al-rerun"
            case .returnValue: "al-return [value...]"
            case .exit: "al-exit [0-255]; 42 and 124 are reserved"
            case .call: "echo ctx | al-call <agent>"
            case .check: "al-check <callId>"
            case .wait: "al-wait <callId> [callId...] [--timeout N]"
            case .lock, .unlock, .heartbeat: "\(rawValue) <resourceKey>"
            case .shutdown: "al-shutdown [reason]"
            }
        }
    }
}

/// What a command prints and how it ends.
struct Answer: Hashable, Sendable {
    var line: String
    var code: Int32

    init(_ json: JSONValue, code: Int32 = 0) {
        line = json.compactText
        self.code = code
    }

    static let ok = Answer(["ok": true])
}
