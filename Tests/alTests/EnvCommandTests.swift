import Domain
import Foundation
import Testing

@Suite(.timeLimit(.minutes(5))) struct EnvCommandTests {
    @Test("an environment is made, listed, bound, shown without secrets, and unbound")
    func lifeCycle() async throws {
        try await AlProcess.withDirectory { al in
            try al.write(".env.toml", "# mine\nprojectName = \"shop\"\n")
            #expect(try await al.run("env", "list").output.hasPrefix("There are no environments."))
            let made = try await al.run("env", "init", "prod", "-t", "server")
            #expect(made.output.hasPrefix("Created \(al.home)/environments/prod.toml\n"))
            #expect(try await al.run("env", "init", "prod", "-t", "ecs").code == 1)
            try al.write("home/environments/odd.toml", "a = = 1\n")
            try al.write("home/environments/secret.toml", "[telemetry]\nheaders = { key = \"abc\" } # team\n")
            #expect(try await al.run("env", "set", "prod").code == 0)
            #expect(
                try await al.run("env", "list").output
                    == "Environments:\n  odd (invalid config)\n* prod (server)\n  secret (unknown)\n"
            )
            let shown = try await al.run("env", "show", "secret")
            #expect(
                shown.output == """
                    Environment: secret
                    File: \(al.home)/environments/secret.toml

                    [telemetry]
                    headers = { key = "***" } # team

                    """
            )
            #expect(try await al.run("env", "set").output == "Unbound from prod.\n")
            let file = try String(contentsOfFile: al.directory + "/.env.toml", encoding: .utf8)
            #expect(file == "# mine\nprojectName = \"shop\"\n")
        }
    }

    @Test("a bad name is refused, an unknown one named with what there is, a bad type with the types")
    func errors() async throws {
        try await AlProcess.withDirectory { al in
            try al.write("home/environments/prod.toml", "")
            let bad = try await al.run("env", "show", "../../x")
            #expect(bad.code == 1)
            #expect(bad.error.hasPrefix("Configuration error: `../../x` cannot be an environment name"))
            let unknown = try await al.run("env", "show", "prd")
            #expect(unknown.code == 1)
            #expect(unknown.error.contains("did you mean \"prod\"?"))
            #expect(unknown.error.contains("al env list"))
            let type = try await al.run("env", "init", "x", "-t", "kubernetes")
            #expect(type.code == 1)
            #expect(type.error.contains("server, ecs, cloud-run"))
            let later = try await al.run("env", "set", "later")
            #expect(later.code == 0)
            #expect(later.error.contains("al env init later"))
            #expect(later.error.contains("has neither config.toml nor agents/"))
            try al.write("config.toml", "")
            #expect(try await !al.run("env", "set", "later").error.contains("neither"))
            try al.write("agents/a/ACTIONS.md", "x")
            let agent = try await al.run("env", "set", "prod", "-p", "agents/a")
            #expect(agent.code == 1 && agent.error.contains("is an agent's directory"))
            #expect(!FileManager.default.fileExists(atPath: al.directory + "/agents/a/.env.toml"))
            // One that was bound all the same is freed.
            try al.write("agents/a/.env.toml", "environment = \"prod\"\n")
            let freed = try await al.run("env", "set", "-p", "agents/a")
            #expect(freed.code == 0 && freed.output == "Unbound from prod.\n", "\(freed.output)\(freed.error)")
        }
    }

    @Test("al config show names the file and line of every setting, as a table and as JSON")
    func configShow() async throws {
        try await AlProcess.withDirectory { al in
            try al.write("config.toml", "[gateway]\nport = 1\n")
            try al.write("home/environments/prod.toml", "[gateway]\nport = 2\n")
            try al.write("agents/dev/agent-config.toml", "credentials = []\nmanual = true\n")
            let local = try await al.run("config", "show")
            #expect(local.output.contains("config.toml:2"))
            let document = try JSONValue(parsing: await al.run("config", "show", "-E", "prod", "--json").output)
            let port = document["values"]?.arrayValue?.first { $0["key"] == "gateway.port" }
            #expect(port?["value"] == 2)
            #expect(port?["source"]?.stringValue == al.home + "/environments/prod.toml")
            #expect(document["environment"] == "prod")
            let agent = try await al.run("config", "show", "--agent", "dev")
            #expect(agent.output.contains("agents/dev/agent-config.toml:2"))
            let unknown = try await al.run("config", "show", "--agent", "dve")
            #expect(unknown.code == 1)
            #expect(unknown.error.contains("Available agents: dev"))
            let broken = try await al.run("config", "show", "-E", "none")
            #expect(broken.code == 1)
            #expect(broken.error.contains("No environment `none`"))
            let error = try JSONValue(parsing: await al.run("config", "show", "-E", "none", "--json").output)["error"]
            #expect(error?["code"] == "environment.not-found")
            try al.write("agents/mydev/agent-config.toml", "a = = 1\n")
            #expect(try await al.run("config", "show").code == 0)
            #expect(try await al.run("config", "show", "--agent", "dev").code == 0)
            let unread = try await al.run("config", "show", "--agent", "mydev")
            #expect(unread.code == 1)
            #expect(unread.error.hasPrefix("Configuration error: agents/mydev/agent-config.toml:1:5: not valid TOML"))
        }
    }
}
