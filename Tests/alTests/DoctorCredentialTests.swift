import Domain
import Foundation
import Testing

@testable import al

@Suite("What doctor says of credentials", .timeLimit(.minutes(5))) struct DoctorCredentialTests {
    private func writeProject(_ al: AlProcess, credentials: String, more: String = "") throws {
        // What isolates runs on this machine is not what these tests ask.
        let runtime = "[local]\nruntime = \"host\"\n"
        try al.write("config.toml", "[model]\nprovider = \"scripted\"\nmodel = \"s.yaml\"\n\(runtime)\(more)")
        let trigger = more.isEmpty ? "manual = true\n" : "[[webhooks]]\nsource = \"hub\"\n"
        try al.write("agents/dev/agent-config.toml", "credentials = \(credentials)\n\(trigger)")
        try al.write("agents/dev/ACTIONS.md", "x")
        try al.write("agents/dev/s.yaml", "turns: [ { text: x } ]\n")
    }

    @Test("a credential without a required field is no credential")
    func incomplete() async throws {
        try await AlProcess.withDirectory { al in
            try writeProject(al, credentials: "[\"aws\"]")
            try al.store(["aws/dev/access_key_id": "AKIA"])
            let result = try await al.run("doctor", "--check-only")
            #expect(result.code == 1)
            let advice = "Run: al creds add aws:dev"
            let line = "[fail] aws:dev: field \"secret_access_key\" is missing. \(advice)"
            #expect(result.output.contains(line), "\(result.output)")
            #expect(!result.output.contains("[ok] AWS"))
        }
    }

    @Test("the instance that is meant is shown, one that hides another is warned of, a clash is an error")
    func instances() async throws {
        try await AlProcess.withDirectory { al in
            try writeProject(al, credentials: "[\"github_token\"]")
            try al.store(["github_token/default/token": "ghp_a"])
            let shared = try await al.run("doctor", "--check-only")
            #expect(shared.code == 0, "\(shared.output)")
            #expect(shared.output.contains("(github_token)\n"))
            #expect(!shared.output.contains("not the shared"))
            try al.store(["github_token/dev/token": "ghp_b"])
            let own = try await al.run("doctor", "--check-only")
            #expect(own.code == 0)
            #expect(own.output.contains("(github_token:dev), own one of dev\n"), "\(own.output)")
            let warning = "[warn] Agent dev uses its own github_token:dev, not the shared github_token"
            #expect(own.output.contains(warning), "\(own.output)")
            try writeProject(al, credentials: "[\"github_token\", \"github_token:default\"]")
            let clash = try await al.run("doctor", "--check-only")
            #expect(clash.code == 1)
            #expect(clash.output.contains("both become github_token/default; keep one"), "\(clash.output)")
        }
    }

    @Test("a credential that cannot be read keeps nothing else back")
    func unreadable() async throws {
        try await AlProcess.withDirectory { al in
            try writeProject(al, credentials: "[\"github_token\", \"aws\", \"netlify_token\"]")
            try al.store(["github_token/default/token": "ghp_a", "aws/default/.hidden": "x"])
            let field = al.home + "/credentials/aws/default/secret_access_key"
            try FileManager.default.createSymbolicLink(atPath: field, withDestinationPath: field)
            let result = try await al.run("doctor", "--check-only")
            #expect(result.code == 1)
            #expect(result.output.contains("[fail] Cannot read \(field): Too many levels"), "\(result.output)")
            #expect(result.output.components(separatedBy: "[fail] Cannot read").count == 2, "\(result.output)")
            #expect(result.output.contains("(github_token)\n"), "\(result.output)")
            #expect(result.output.contains("[MISSING] Netlify Personal Access Token"), "\(result.output)")
            #expect(result.output.contains("There is no gateway API key yet"), "\(result.output)")
        }
    }

    @Test("an agent's own credential that cannot be read keeps back nothing of the other agents")
    func unreadableOwn() async throws {
        try await AlProcess.withDirectory { al in
            try writeProject(al, credentials: "[\"github_token\"]")
            for name in ["a", "z"] {
                try al.write("agents/\(name)/agent-config.toml", "credentials = [\"github_token\"]\nmanual = true\n")
                try al.write("agents/\(name)/ACTIONS.md", "x")
                try al.write("agents/\(name)/s.yaml", "turns: [ { text: x } ]\n")
            }
            try al.store(["github_token/default/token": "ghp_a", "github_token/z/token": "ghp_z"])
            try al.store(["github_token/a/.hidden": "x"])
            let field = al.home + "/credentials/github_token/a/token"
            try FileManager.default.createSymbolicLink(atPath: field, withDestinationPath: field)
            let output = try await al.run("doctor", "--check-only").output
            #expect(output.contains("[fail] Cannot read \(field)"), "\(output)")
            #expect(output.contains("(github_token)\n"), "\(output)")
            #expect(output.contains("(github_token:z), own one of z\n"), "\(output)")
            #expect(output.contains("Agent z uses its own github_token:z"), "\(output)")
        }
    }

    @Test("a value that al creds add would have refused is warned of")
    func unfit() async throws {
        try await AlProcess.withDirectory { al in
            let source = "[webhooks.hub]\ntype = \"generic\"\ncredential = \"Org\"\n"
            try writeProject(al, credentials: "[]", more: source)
            try al.store(["generic_webhook_secret/Org/secret": "whsec_no base64!"])
            let output = try await al.run("doctor", "--check-only").output
            #expect(output.contains("[warn] generic_webhook_secret:Org: field \"secret\" must be base64"), "\(output)")
            #expect(!output.contains("no base64!"))
        }
    }

    @Test("a source that nobody signs for is warned of, also one for trials", arguments: [true, false])
    func unsigned(isAllowed: Bool) async throws {
        try await AlProcess.withDirectory { al in
            let source = "[webhooks.hub]\ntype = \"test\"\nallowUnsigned = \(isAllowed)\n"
            try writeProject(al, credentials: "[]", more: source)
            let output = try await al.run("doctor", "--check-only").output
            let text = isAllowed ? "takes unsigned deliveries from anybody" : "are taken from this machine only"
            let line = output.split(separator: "\n").first { $0.contains("Source hub") }
            #expect(line?.contains("[warn]") == true && line?.contains(text) == true, "\(output)")
        }
    }

    @Test("the store is closed without touching what its links lead to")
    func closing() async throws {
        try await AlProcess.withDirectory { al in
            try al.store(["aws/default/access_key_id": "AKIA"])
            try al.write("elsewhere", "x")
            let files = FileManager.default
            let store = al.home + "/credentials"
            try files.setAttributes([.posixPermissions: 0o640], ofItemAtPath: al.directory + "/elsewhere")
            try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: store + "/aws")
            try files.createSymbolicLink(atPath: store + "/aws/b", withDestinationPath: al.directory + "/elsewhere")
            try files.createSymbolicLink(atPath: store + "/aws/c", withDestinationPath: al.directory + "/nothing")
            try files.createSymbolicLink(atPath: al.directory + "/linked", withDestinationPath: store)
            try FileAccessRights.close(al.directory + "/linked")
            #expect(!FileAccessRights.isOpen(store + "/aws"))
            #expect(!FileAccessRights.isOpen(al.directory + "/linked"))
            let mode = try files.attributesOfItem(atPath: al.directory + "/elsewhere")[.posixPermissions] as? Int
            #expect(mode == 0o640)
        }
    }

    @Test("modes that are wider than necessary are warned of, also where nobody gets through")
    func wideModes() async throws {
        try await AlProcess.withDirectory { al in
            try writeProject(al, credentials: "[\"github_token\"]")
            try al.store(["github_token/default/token": "ghp_a"])
            #expect(try await !al.run("doctor", "--check-only").output.contains("are wider"))
            let directory = al.home + "/credentials/github_token"
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory)
            let result = try await al.run("doctor", "--check-only")
            #expect(result.code == 0)
            #expect(result.output.contains("[warn] The modes of \(directory) are wider"), "\(result.output)")
        }
    }

    @Test("a missing secret names its source, which is not called signed")
    func webhookSecret() async throws {
        try await AlProcess.withDirectory { al in
            let source = "[webhooks.hub]\ntype = \"github\"\ncredential = \"Org\"\n"
            try writeProject(al, credentials: "[]", more: source)
            let output = try await al.run("doctor", "--check-only").output
            #expect(output.contains("(github_webhook_secret:Org) (for [webhooks.hub])"), "\(output)")
            #expect(output.contains("[fail] Source hub: "), "\(output)")
            #expect(!output.contains("signed with"))
            let start = try await al.run("start", "--no-docker")
            #expect(start.code == 1)
            #expect(start.error.contains("github_webhook_secret:Org (for [webhooks.hub])"), "\(start.error)")
        }
    }
}
