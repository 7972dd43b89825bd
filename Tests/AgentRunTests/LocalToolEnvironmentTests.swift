import AgentRun
import Credentials
import Domain
import Foundation
import Testing

@Suite struct LocalToolEnvironmentTests {
    private let own = ["PATH": "/usr/bin", "LANG": "de_DE", "OPENAI_API_KEY": "model-key", "HOME": "/home/ada"]

    private func environment() -> LocalToolEnvironment {
        LocalToolEnvironment(own, home: "/home/ada", commands: "/scratch/bin", signals: "/scratch/signals")
    }

    @Test("a person's environment stays, made quiet, with the commands first and without keys of models")
    func project() {
        let variables = environment().variables
        #expect(variables["LANG"] == "de_DE")
        #expect(variables["HOME"] == "/home/ada")
        #expect(variables["PATH"] == "/scratch/bin:/usr/bin")
        #expect(variables["PAGER"] == "cat")
        #expect(variables["OPENAI_API_KEY"] == nil)
    }

    @Test("an agent's place has the variables, files and git settings of its credentials")
    func agent() throws {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "al-local-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        var config = AgentConfig(name: try AgentName("dev"), model: ModelConfig(provider: .scripted, model: "s.yaml"))
        config.directory = "/project/agents/dev"
        config.credentials = [CredentialReference(type: "github_token"), CredentialReference(type: "git_ssh")]
        let credentials = try #require(
            LoadedCredentials(json: [
                "github_token": ["default": ["token": "ghp_1"]],
                "git_ssh": ["default": ["id_rsa": "KEY", "username": "Ada", "email": "ada@example.org"]],
            ])
        )
        var environment = environment()
        try environment.equip(for: config, with: credentials, at: "/scratch/credentials", scratch: scratch)
        let variables = environment.variables
        #expect(variables["GITHUB_TOKEN"] == "ghp_1")
        #expect(variables["AL_CREDENTIALS_PATH"] == "/scratch/credentials")
        #expect(variables["AL_WORK_DIR"] == "/project/agents/dev")
        #expect(variables["GIT_AUTHOR_NAME"] == "Ada")
        #expect(variables["GIT_SSH_COMMAND"]?.contains("\(scratch)/.ssh/id_rsa") == true)
        #expect(try String(contentsOfFile: "\(scratch)/.ssh/id_rsa", encoding: .utf8) == "KEY\n")
    }
}
