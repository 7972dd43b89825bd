import AgentCommands

/// What this process is.
enum Role {
    /// A command that the model runs in its shell, such as `al-status`.
    case agentCommand(AgentCommand)
    /// The entry point inside a container or sandbox: `al _run-agent`.
    case run
    /// A way through the proxy for ssh, inside a run without a network: `al _connect <host> <port>`.
    case connect
    /// Everything a person types.
    case commandLine

    /// Decides by the name the binary was started under, then by the hidden command.
    init(invokedAs path: String, arguments: [String]) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        if let command = AgentCommand(invokedAs: name) {
            self = .agentCommand(command)
        } else if arguments.first == "_run-agent" {
            self = .run
        } else if arguments.first == "_connect" {
            self = .connect
        } else {
            self = .commandLine
        }
    }
}
