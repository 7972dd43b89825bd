import AgentCommands
import Testing

@testable import al

@Suite struct RoleTests {
    @Test("each in-run command is a role of its own", arguments: AgentCommand.names)
    func commands(name: String) {
        guard case .agentCommand = Role(invokedAs: "/app/bin/" + name, arguments: []) else {
            Issue.record("\(name) is not recognised")
            return
        }
    }

    @Test("everything else is the command line, except the hidden entry points")
    func others() {
        if case .connect = Role(invokedAs: "/app/bin/al", arguments: ["_connect", "h", "22"]) {
        } else {
            Issue.record("no connection")
        }
        if case .run = Role(invokedAs: "/app/bin/al", arguments: ["_run-agent"]) {} else { Issue.record("no run") }
        if case .commandLine = Role(invokedAs: "al", arguments: ["start"]) {} else { Issue.record("no command line") }
        if case .commandLine = Role(invokedAs: "", arguments: []) {} else { Issue.record("no command line") }
    }
}
