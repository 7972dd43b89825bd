import Credentials
import Domain
import Foundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import al

@Suite(.timeLimit(.minutes(5))) struct CredsCommandTests {
    private func stored(_ al: AlProcess, _ path: String) -> String? {
        try? String(contentsOfFile: "\(al.home)/credentials/\(path)", encoding: .utf8)
    }

    @Test("fields come from files, from the line, and from lines of standard input")
    func fields() async throws {
        try await AlProcess.withDirectory { al in
            try al.write("key", "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n")
            let byFile = try await al.run(
                "creds",
                "add",
                "git_ssh:work",
                "--field",
                "username=Bot",
                "--field",
                "email=bot@example.org",
                "--field",
                "id_rsa=@key",
                "--no-verify"
            )
            #expect(byFile.code == 0, "\(byFile.error)")
            #expect(stored(al, "git_ssh/work/username") == "Bot\n")
            #expect(stored(al, "git_ssh/work/id_rsa")?.hasPrefix("-----BEGIN") == true)
            let byLines = try await al.run(
                "creds",
                "add",
                "git_ssh",
                "--stdin",
                "--no-verify",
                input: "username=Ann\nemail=ann@example.org\n"
            )
            #expect(byLines.code == 0, "\(byLines.error)")
            #expect(stored(al, "git_ssh/default/email") == "ann@example.org\n")
            #expect(stored(al, "git_ssh/default/id_rsa") == nil)
        }
    }

    @Test(
        "a secret on the command line, an unknown field, a missing one and a wrong form are refused; nothing is stored"
    )
    func refused() async throws {
        try await AlProcess.withDirectory { al in
            let results = [
                try await al.run("creds", "add", "github_token", "--field", "token=ghp_x", "--no-verify"),
                try await al.run("creds", "add", "github_token", "--field", "tokn=@x", "--no-verify"),
                try await al.run("creds", "add", "github_token", "--field", "token=@absent", "--no-verify"),
                try await al.run("creds", "add", "git_ssh", "--field", "username=x", "--no-verify"),
                try await al.run("creds", "add", "openai_key", "--stdin", "--no-verify", input: "nonsense"),
                try await al.run("creds", "add", "github_token", "--stdin", "--no-verify", input: "\n"),
            ]
            for result in results {
                #expect(result.code == 1)
                #expect(result.error.hasPrefix("Credential error: "), "\(result.error)")
                #expect(!result.error.contains("ghp_x"))
            }
            #expect(!FileManager.default.fileExists(atPath: al.home))
        }
    }

    @Test("a standard input that cannot be read is refused")
    func unreadableInput() async throws {
        try await AlProcess.withDirectory { al in
            let result = try await Subprocess.run(
                .path("/bin/sh"),
                arguments: ["-c", "exec \"$AL\" creds add github_token --stdin --no-verify < ."],
                environment: .custom(al.variables.merging(["AL": AlProcess.executable]) { $1 }),
                workingDirectory: FilePath(al.directory),
                output: .discarded,
                error: .string(limit: 1 << 20)
            )
            #expect(result.terminationStatus == .exited(1))
            #expect(result.standardError.hasPrefix("Credential error: Cannot read standard input"))
        }
    }

    @Test("a key that no run could use is refused, one with foreign line ends is mended, a public part is derived")
    func keys() async throws {
        try await AlProcess.withDirectory { al in
            let key = { (name: String, passphrase: String) in
                try await Program.output(
                    of: "ssh-keygen",
                    "-q",
                    "-t",
                    "ed25519",
                    "-N",
                    passphrase,
                    "-f",
                    "\(al.directory)/\(name)"
                )
            }
            _ = try await key("locked", "secret")
            _ = try await key("open", "")
            let text = try String(contentsOfFile: al.directory + "/open", encoding: .utf8)
            try al.write("foreign", text.replacing("\n", with: "\r\n"))
            let identity = ["--field", "username=Bot", "--field", "email=b@x.org", "--field"]
            let locked = try await al.run(["creds", "add", "git_ssh:k1"] + identity + ["id_rsa=@locked"])
            #expect(locked.code == 1)
            #expect(locked.error.contains("it is protected by a passphrase"), "\(locked.error)")
            #expect(stored(al, "git_ssh/k1/id_rsa") == nil)
            let foreign = try await al.run(["creds", "add", "git_ssh:k2"] + identity + ["id_rsa=@foreign"])
            #expect(foreign.code == 0, "\(foreign.error)")
            #expect(stored(al, "git_ssh/k2/id_rsa") == text)
            let pair = try await al.run("creds", "add", "vps_ssh", "--field", "private_key=@open")
            #expect(pair.code == 0, "\(pair.error)")
            let part = try String(contentsOfFile: al.directory + "/open.pub", encoding: .utf8)
            #expect(stored(al, "vps_ssh/default/public_key")?.split(separator: " ")[1] == part.split(separator: " ")[1])
        }
    }

    @Test("bytes that are no text are refused, not changed")
    func bytes() async throws {
        try await AlProcess.withDirectory { al in
            let file = URL(fileURLWithPath: al.directory + "/secret")
            try Data([0xFF, 0xFE, 0xFF]).write(to: file)
            let result = try await al.run("creds", "add", "github_webhook_secret", "--field", "secret=@secret")
            #expect(result.code == 1)
            #expect(result.error.contains("secret is not UTF-8 text"), "\(result.error)")
            #expect(stored(al, "github_webhook_secret/default/secret") == nil)
        }
    }

    @Test("a short key of the gateway is refused, and without a terminal a stored one is not replaced unasked")
    func gatewayKey() async throws {
        try await AlProcess.withDirectory { al in
            let short = try await al.run("creds", "add", "gateway_api_key", "--stdin", input: "k")
            #expect(short.code == 1)
            #expect(short.error.contains("at least 32 characters"), "\(short.error)")
            #expect(try await al.run("creds", "add", "gateway_api_key").code == 0)
            let first = try #require(stored(al, "gateway_api_key/default/key"))
            let again = try await al.run("creds", "add", "gateway_api_key")
            #expect(again.code == 2)
            #expect(again.error.contains("al creds rotate gateway_api_key"), "\(again.error)")
            #expect(stored(al, "gateway_api_key/default/key") == first)
        }
    }

    @Test("a proxy that wants a login is said, after one attempt")
    func proxyLogin() async throws {
        try await AlProcess.withDirectory { al in
            try await ConnectProxy.run(target: 1, refusal: "407 Proxy Authentication Required") { proxy, address in
                let result = try await al.run(
                    ["creds", "add", "github_token", "--stdin"],
                    input: "ghp_x",
                    adding: ["HTTPS_PROXY": "http://\(address)"]
                )
                #expect(result.error.contains("the proxy wants a login"), "\(result.error)")
                #expect(proxy.requests == ["CONNECT api.github.com:443 HTTP/1.1"])
            }
        }
    }

    @Test("what is stored under a type that al does not know can be removed")
    func unknownType() async throws {
        try await AlProcess.withDirectory { al in
            try CredentialStore(home: al.home).write(type: "my_own", instance: "default", fields: ["key": "v"])
            #expect(try await al.run("creds", "rm", "my_own").code == 0)
            #expect(stored(al, "my_own/default/key") == nil)
            #expect(try await al.run("creds", "rm", "../x").code == 1)
        }
    }

    @Test("without a terminal and without values it ends at once with 2 and names both ways")
    func noTerminal() async throws {
        try await AlProcess.withDirectory { al in
            let result = try await al.run("creds", "add", "github_token")
            #expect(result.code == 2)
            #expect(result.error.contains("--stdin"))
            #expect(result.error.contains("--field"))
        }
    }

    @Test("the list marks what the project here uses and what it misses")
    func marks() async throws {
        try await AlProcess.withDirectory { al in
            try al.write(
                "agents/dev/agent-config.toml",
                "credentials = [\"github_token\", \"netlify_token\"]\nmanual = true\n"
                    + "[model]\nprovider = \"scripted\"\nmodel = \"s.yaml\"\n"
            )
            _ = try await al.run("creds", "add", "github_token", "--stdin", "--no-verify", input: "ghp_secretvalue")
            let text = try await al.run("creds", "ls")
            #expect(
                text.output == """

                      GitHub Personal Access Token (github_token)
                        github_token  (token)  used by dev

                      Missing in this project
                        netlify_token  needed by dev: al creds add netlify_token

                    """
            )
            let json = try JSONValue(parsing: try await al.run("creds", "ls", "--json").output)
            #expect(json["credentials"]?[0]?["usedBy"] == ["dev"])
            #expect(json["missing"]?[0]?["ref"] == "netlify_token")
        }
    }

    @Test("what an agent uses is removed only after a question")
    func remove() async throws {
        try await AlProcess.withDirectory { al in
            try al.write(
                "agents/dev/agent-config.toml",
                "credentials = [\"github_token\"]\nmanual = true\n[model]\nprovider = \"scripted\"\nmodel = \"s.yaml\"\n"
            )
            for type in ["github_token", "netlify_token"] {
                _ = try await al.run("creds", "add", type, "--stdin", "--no-verify", input: "a-secret-value")
            }
            let used = try await al.run("creds", "rm", "github_token")
            #expect(used.code == 2)
            #expect(used.error.contains("Used by dev."))
            #expect(used.error.contains("--yes"))
            #expect(try await al.run("creds", "rm", "netlify_token").code == 0)
            #expect(stored(al, "github_token/default/token") != nil)
            let absent = try await al.run("creds", "rm", "github_tokn")
            #expect(absent.error.contains("did you mean github_token?"))
            let gone = try await al.run("creds", "rm", "github_token:work")
            #expect(gone.error.hasPrefix("Credential error: No credential `github_token:work`"))
        }
    }

    @Test("the gateway's key is made anew, shown only when asked for")
    func rotate() async throws {
        try await AlProcess.withDirectory { al in
            let first = try await al.run("creds", "rotate", "gateway_api_key")
            let old = try #require(stored(al, "gateway_api_key/default/key"))
            #expect(first.code == 0)
            #expect(!(first.output + first.error).contains(old.dropLast()))
            let second = try await al.run("creds", "rotate", "gateway_api_key", "--show")
            #expect(second.output == stored(al, "gateway_api_key/default/key"))
            #expect(second.output != old)
            #expect(try await al.run("creds", "rotate", "github_token").code == 1)
        }
    }

    @Test("a store that everybody can read is refused with the command that closes it, and works after it")
    func exposed() async throws {
        try await AlProcess.withDirectory { al in
            try al.write("config.toml", "")
            try al.write(
                "agents/dev/agent-config.toml",
                "credentials = [\"github_token\"]\nmanual = true\n[model]\nprovider = \"scripted\"\nmodel = \"s.yaml\"\n"
            )
            _ = try await al.run("creds", "add", "github_token", "--stdin", "--no-verify", input: "a-secret-value")
            let root = al.home + "/credentials"
            for path in [al.home, root, root + "/github_token", root + "/github_token/default"] { chmod(path, 0o755) }
            chmod(root + "/github_token/default/token", 0o644)
            let refused = try await al.run("creds", "ls")
            #expect(refused.code == 1)
            #expect(refused.error.contains("Run: chmod -R go= \(root)"), "\(refused.error)")
            for path in [root, root + "/github_token", root + "/github_token/default"] { chmod(path, 0o700) }
            chmod(root + "/github_token/default/token", 0o600)
            #expect(try await al.run("creds", "ls").code == 0)
        }
    }

    @Test("types are a table without a terminal, and a document with --json")
    func types() async throws {
        try await AlProcess.withDirectory { al in
            let table = try await al.run("creds", "types")
            #expect(table.output.hasPrefix("TYPE"))
            #expect(table.output.contains("git_ssh"))
            #expect(!table.output.contains("cloudflare_origin_cert"))
            let json = try JSONValue(parsing: try await al.run("creds", "types", "--json").output)
            #expect(json["types"]?.arrayValue?.count == 32)
        }
    }
}
