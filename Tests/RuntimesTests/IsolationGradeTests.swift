import Domain
import Runtimes
import Testing

@Suite("How well runs are isolated")
struct IsolationGradeTests {
    @Test(
        "The grade follows from the runtime, its control of the network and the secrets inside",
        arguments: [
            (.host, true, true, false, .d), (.host, false, false, false, .d), (.docker, false, false, false, .c),
            (.sandbox, true, false, true, .c), (.docker, true, true, true, .b), (.sandbox, true, true, false, .a),
            (.sshDocker, false, false, false, .c), (.sshDocker, true, false, true, .c),
            // Control that the agent did not ask for is none.
            (.docker, false, true, false, .c),
        ] as [(RuntimeKind, Bool, Bool, Bool, IsolationGrade.Letter)]
    )
    func grades(
        runtime: RuntimeKind,
        hasList: Bool,
        controlsEgress: Bool,
        hasSecret: Bool,
        letter: IsolationGrade.Letter
    ) throws {
        var agent = AgentConfig(name: try AgentName("dev"), model: ModelConfig(provider: .scripted, model: "s"))
        if hasList { agent.network = NetworkPolicy(allow: ["x.org"]) }
        if hasSecret { agent.credentials = [CredentialReference(type: "github_token")] }
        let grade = IsolationGrade(of: agent, on: runtime, controlsEgress: controlsEgress)
        #expect(grade.letter == letter)
        #expect(grade.reason.contains("github_token") == (letter == .b))
    }

    @Test("What stays outside of a sealed run does not count: the model's key and brokered credentials")
    func outside() throws {
        var agent = AgentConfig(name: try AgentName("dev"), model: ModelConfig(provider: .anthropic, model: "m"))
        agent.network = NetworkPolicy(allow: ["api.github.com"])
        agent.credentials = [CredentialReference(type: "github_token", isBrokered: true)]
        #expect(IsolationGrade(of: agent, on: .docker, controlsEgress: true).letter == .a)
        agent.credentials.append(CredentialReference(type: "git_ssh"))
        let grade = IsolationGrade(of: agent, on: .docker, controlsEgress: true)
        #expect(grade.letter == .b && grade.reason.hasSuffix("inside are git_ssh"))
    }
}
