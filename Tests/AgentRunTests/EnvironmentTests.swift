import Domain
import Foundation
import Testing

@testable import AgentRun

@Suite("The environment of tools")
struct EnvironmentTests {
    private static func tools(_ environment: [String: String]) -> ToolEnvironment {
        ToolEnvironment(environment, home: "/home/node", commands: "/app/bin", signals: "/tmp/signals")
    }

    @Test("What belongs to the run alone is left out, the rest stays")
    func filtered() {
        let hidden = [
            "AL_SECRET_github_token__default__token", "AGENT_CONFIG", "PROMPT", "AL_PROMPT_FILE", "AL_PROMPT_URL",
            "ANTHROPIC_API_KEY", "OPENAI_API_KEY",
        ]
        var given = [
            "GATEWAY_URL": "http://g", "SHUTDOWN_SECRET": "s", "AL_INSTANCE_ID": "i", "MINE": "yes", "PATH": "/bin",
        ]
        for name in hidden { given[name] = "hush" }
        let tools = Self.tools(given).variables
        for name in hidden { #expect(tools[name] == nil, "\(name)") }
        for name in ["GATEWAY_URL", "SHUTDOWN_SECRET", "AL_INSTANCE_ID", "MINE"] { #expect(tools[name] == given[name]) }
        #expect(tools["PATH"] == "/app/bin:/bin")
        #expect(tools["HOME"] == "/home/node")
        #expect(tools["AL_SIGNAL_DIR"] == "/tmp/signals")
    }

    @Test("Quiet defaults give way to what is set")
    func defaults() {
        let tools = Self.tools(["EDITOR": "vi"]).variables
        #expect(tools["EDITOR"] == "vi")
        #expect(tools["PAGER"] == "cat")
        #expect(tools["CI"] == "true")
    }

    @Test("The HTTPS helper answers GitHub only and is appended to what is configured")
    func gitHTTPS() {
        var tools = Self.tools(["GITHUB_TOKEN": "t", "GIT_CONFIG_COUNT": "2"])
        let configured = tools.configureGitHTTPS()
        #expect(configured)
        #expect(tools.variables["GIT_CONFIG_COUNT"] == "3")
        #expect(tools.variables["GIT_CONFIG_KEY_2"] == "credential.https://github.com.helper")
        #expect(tools.variables["GIT_TERMINAL_PROMPT"] == "0")
        var none = Self.tools(["GITHUB_TOKEN": ""])
        let unconfigured = none.configureGitHTTPS()
        #expect(!unconfigured)
        #expect(none.variables["GIT_CONFIG_COUNT"] == nil)
    }

    @Test(
        "git hands the token to github.com and to no other host",
        arguments: [("github.com", true), ("example.org", false)]
    )
    func gitCredentialHelper(_ host: String, _ getsToken: Bool) async throws {
        var tools = Self.tools(["GITHUB_TOKEN": "tok-123456", "PATH": "/usr/bin:/bin"])
        tools.set("GIT_CONFIG_GLOBAL", "/dev/null")
        let configured = tools.configureGitHTTPS()
        #expect(configured)
        let child = ChildCommand(
            arguments: ["/bin/sh", "-c", "printf 'protocol=https\\nhost=\(host)\\n\\n' | git credential fill; true"],
            directory: "/",
            environment: tools.variables
        )
        let sink = LogSink()
        _ = try await child.run { sink.write(String(decoding: $0, as: UTF8.self)) }
        #expect(sink.lines.joined().contains("tok-123456") == getsToken)
    }

    @Test("The SSH key is private and ends with one newline")
    func sshKey() throws {
        let home = NSTemporaryDirectory() + "al home $x 'y' 50%h \(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: home) }
        let file = try SSHKeyFile(key: "-----KEY-----\nabc\n\n", home: home)
        #expect(try String(contentsOfFile: file.path, encoding: .utf8) == "-----KEY-----\nabc\n")
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let folder = try FileManager.default.attributesOfItem(atPath: home + "/.ssh")
        #expect(folder[.posixPermissions] as? Int == 0o700)
        var tools = Self.tools([:])
        tools.configureGitSSH(key: file.path, knownHosts: file.knownHosts, proxyCommand: nil)
        let command = try #require(tools.variables["GIT_SSH_COMMAND"])
        // Read as git has a shell read it, whatever is in the path.
        let shell = Process()
        let output = Pipe()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", "printf '%s\\n' \(command)"]
        shell.standardOutput = output
        try shell.run()
        let words = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            .split(separator: "\n").map(String.init)
        shell.waitUntilExit()
        for word in [
            "IdentityFile=\"\(file.path.replacing("%", with: "%%"))\"", "StrictHostKeyChecking=accept-new",
            "IdentitiesOnly=yes", "BatchMode=yes",
            "UserKnownHostsFile=\"\(home.replacing("%", with: "%%"))/.ssh/known_hosts\"",
        ] {
            #expect(words.contains(word), "\(word)")
        }
    }
}
