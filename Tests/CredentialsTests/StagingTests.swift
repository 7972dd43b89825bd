import Credentials
import Domain
import Foundation
import Testing

@Suite("Staging the credentials of a run")
struct StagingTests {
    let home: TemporaryHome
    let run = RunID(bits: 0xAB)
    let staging: CredentialStaging

    init() throws {
        home = try TemporaryHome()
        staging = CredentialStaging(store: home.store, projectDirectory: home.project)
    }

    private func agent(_ references: String...) throws -> AgentConfig {
        var agent = AgentConfig(name: try AgentName("dev"), model: ModelConfig(provider: .scripted, model: "m"))
        agent.credentials = references.compactMap(CredentialReference.init)
        return agent
    }

    private func store(_ type: String, _ instance: String, _ fields: [String: String]) throws {
        try home.store.write(type: type, instance: instance, fields: fields)
    }

    @Test("Exactly the declared credentials are staged, readable inside a closed directory")
    func stage() throws {
        try store("git_ssh", "dev", ["id_rsa": "-----\nkey\n-----", "username": "d", "email": "d@x"])
        try store("github_token", "default", ["token": "shared"])
        try store("github_token", "work", ["token": "work"])
        try store("netlify_token", "default", ["token": "not declared"])
        try store("openai_key", "default", ["token": "model"])
        let directory = try staging.stage(
            agent("git_ssh", "github_token", "github_token:work", "github_token", "openai_key"),
            for: run,
            placeholder: { _ in nil }
        )
        let place = "project/.al/staging/000000ab"
        #expect(directory == "\(home.path)/\(place)")
        #expect(
            home.tree("\(place)/mount").filter { $0.split(separator: "/").count == 3 } == [
                "git_ssh/default/email", "git_ssh/default/id_rsa", "git_ssh/default/username",
                "github_token/default/token", "github_token/work/token",
            ]
        )
        #expect(home.text("\(place)/mount/git_ssh/default/id_rsa") == "-----\nkey\n-----\n")
        #expect(home.text("\(place)/mount/github_token/work/token") == "work\n")
        #expect(home.mode("project/.al/staging") == 0o700)
        #expect(home.mode(place) == 0o700)
        #expect(home.mode("\(place)/mount") == 0o755)
        #expect(home.mode("\(place)/mount/github_token/work") == 0o755)
        #expect(home.mode("\(place)/mount/github_token/work/token") == 0o444)
        staging.remove(run)
        #expect(home.tree("project/.al/staging").isEmpty)
    }

    @Test("Credentials are staged elsewhere where the project is no place for them, and swept in both places")
    func elsewhere() throws {
        try store("github_token", "default", ["token": "shared"])
        let elsewhere = "\(home.path)/memory"
        let other = CredentialStaging(
            store: home.store,
            projectDirectory: home.project,
            elsewhere: [elsewhere, "\(home.path)/earlier"],
            prefersElsewhere: true
        )
        try home.write("x", to: "earlier/00000002/file")
        _ = try staging.stage(agent("github_token"), for: RunID(bits: 1), placeholder: { _ in nil })
        #expect(try other.stage(agent("github_token"), for: run, placeholder: { _ in nil }) == "\(elsewhere)/000000ab")
        #expect(home.mode("memory") == 0o700)
        #expect(home.tree("project/.al/staging").contains("00000001"))
        other.sweep(keeping: [run])
        #expect(home.tree("project/.al/staging").isEmpty)
        #expect(home.tree("earlier").isEmpty)
        #expect(home.text("memory/000000ab/mount/github_token/default/token") == "shared\n")
        other.remove(run)
        #expect(home.tree("memory").isEmpty)
    }

    @Test("A link that somebody else has put in the place of the directory is neither followed nor emptied")
    func foreignPlace() throws {
        try store("github_token", "default", ["token": "shared"])
        try home.write("x", to: "documents/file")
        try home.write("x", to: "documents/000000ab/file")
        let link = "\(home.path)/memory"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "\(home.path)/documents")
        for isPreferred in [true, false] {
            let other = CredentialStaging(
                store: home.store,
                projectDirectory: home.project,
                elsewhere: [link],
                prefersElsewhere: isPreferred
            )
            other.sweep(keeping: [])
            other.remove(run)
            #expect(home.tree("documents") == ["000000ab", "000000ab/file", "file"])
        }
        let other = CredentialStaging(
            store: home.store,
            projectDirectory: home.project,
            elsewhere: [link],
            prefersElsewhere: true
        )
        let error = #expect(throws: CredentialError.self) {
            try other.stage(agent("github_token"), for: RunID(bits: 1), placeholder: { _ in nil })
        }
        #expect(error?.message.contains("not a directory of this user") == true, "\(error?.message ?? "")")
        #expect(home.tree("documents") == ["000000ab", "000000ab/file", "file"])
    }

    @Test("The keys of models are staged for a run that cannot fetch them, once, beside what the agent declares")
    func modelKeys() throws {
        try store("github_token", "default", ["token": "shared"])
        try store("openai_key", "default", ["token": "stored"])
        let keys: JSONValue = ["openai_key": ["default": ["token": "model"]]]
        _ = try staging.stage(agent("github_token", "openai_key"), for: run, modelKeys: keys, placeholder: { _ in nil })
        let place = "project/.al/staging/000000ab/mount"
        #expect(
            home.tree(place).filter { $0.split(separator: "/").count == 3 } == [
                "github_token/default/token", "openai_key/default/token",
            ]
        )
        #expect(home.text("\(place)/openai_key/default/token") == "model\n")
        let loaded = try LoadedCredentials(directory: "\(home.path)/\(place)")
        #expect(loaded?[CredentialReference(type: "openai_key")]?["token"] == "model")
    }

    @Test("An agent without credentials, or with the model's key alone, has nothing staged")
    func nothing() throws {
        #expect(try staging.stage(agent(), for: run, placeholder: { _ in nil }) == nil)
        try store("openai_key", "default", ["token": "model"])
        #expect(try staging.stage(agent("openai_key"), for: run, placeholder: { _ in nil }) == nil)
        #expect(home.tree("project").isEmpty)
    }

    @Test("What only the host may have is kept back field by field")
    func hostField() throws {
        try store("discord_bot", "default", ["public_key": "p", "bot_token": "b"])
        _ = try staging.stage(agent("discord_bot"), for: run, placeholder: { _ in nil })
        #expect(home.tree("project/.al/staging/000000ab/mount/discord_bot/default") == ["bot_token"])
    }

    @Test(
        "What belongs to the scheduler is refused",
        arguments: CredentialCatalog.standard.types.filter { $0.exposure == .host }.map(\.id)
    )
    func hostOnly(type: String) throws {
        try store(type, "default", ["secret": "x"])
        let error = #expect(throws: CredentialError.self) {
            try staging.stage(agent(type), for: run, placeholder: { _ in nil })
        }
        #expect(error?.code.id == "C04")
        #expect(
            error?.message == "Agent `dev`: \(type) belongs to the scheduler and is never given to an agent; "
                + "remove it from credentials"
        )
        #expect(home.tree("project").isEmpty)
    }

    @Test("The types of the class never in a run are all host-only")
    func hostTypes() {
        let types = CredentialCatalog.standard.types.filter { $0.exposure == .host }.map(\.id)
        #expect(
            Set(types) == [
                "gateway_api_key", "vps_ssh", "cloudflare_origin_cert", "github_webhook_secret", "sentry_client_secret",
                "linear_webhook_secret", "mintlify_webhook_secret", "slack_signing_secret", "generic_webhook_secret",
                "state_database",
            ]
        )
    }

    @Test("Two sources for one place clash; one source named twice does not")
    func clash() throws {
        try store("git_ssh", "default", ["username": "shared", "email": "s@x"])
        #expect(try staging.stage(agent("git_ssh", "git_ssh:default"), for: run, placeholder: { _ in nil }) != nil)
        staging.remove(run)
        try store("git_ssh", "dev", ["username": "own", "email": "o@x"])
        let error = #expect(throws: CredentialError.self) {
            try staging.stage(agent("git_ssh", "git_ssh:default"), for: run, placeholder: { _ in nil })
        }
        #expect(error?.code.id == "C05")
        #expect(error?.message == "Agent `dev`: git_ssh and git_ssh:default both become git_ssh/default; keep one")
        #expect(home.tree("project/.al/staging").isEmpty)
    }

    @Test("A credential that is not there stops the launch before anything is written")
    func missing() throws {
        try store("github_token", "default", ["token": "shared"])
        let error = #expect(throws: CredentialError.self) {
            try staging.stage(agent("github_token", "aws"), for: run, placeholder: { _ in nil })
        }
        #expect(
            error?.message == "1 credential(s) missing: aws. Run al doctor in a terminal, or al creds add aws"
        )
        #expect(home.tree("project").isEmpty)
    }

    @Test("A credential without a required field stops the launch before anything is written")
    func incomplete() throws {
        try store("reddit_oauth", "dev", ["client_id": "id"])
        let error = #expect(throws: CredentialError.self) {
            try staging.stage(agent("reddit_oauth"), for: run, placeholder: { _ in nil })
        }
        #expect(error?.code.id == "C06")
        let advice = "Run: al creds add reddit_oauth:dev"
        #expect(error?.message == "reddit_oauth:dev: field \"client_secret\" is missing. \(advice)")
        #expect(home.tree("project").isEmpty)
    }

    @Test("Leftovers of dead runs are removed")
    func sweep() throws {
        try store("github_token", "default", ["token": "shared"])
        _ = try staging.stage(agent("github_token"), for: run, placeholder: { _ in nil })
        _ = try staging.stage(agent("github_token"), for: RunID(bits: 2), placeholder: { _ in nil })
        try home.write("x", to: "project/.al/staging/junk/file")
        staging.sweep(keeping: [run])
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(home.project)/.al/staging") == ["000000ab"])
    }

    @Test("Of a brokered credential everything is staged but its secrets, one of which a placeholder stands for")
    func brokered() throws {
        let values = ["client_id": "id", "client_secret": "cs", "access_token": "at", "refresh_token": "rt"]
        try store("linear_oauth", "default", values)
        try store("github_token", "default", ["token": "real"])
        var agent = try agent()
        agent.credentials = [
            CredentialReference(type: "linear_oauth", isBrokered: true), CredentialReference(type: "github_token"),
        ]
        _ = try staging.stage(agent, for: run) { "al-broker-\($0)" }
        let place = "project/.al/staging/000000ab/mount"
        #expect(
            home.tree(place).filter { $0.split(separator: "/").count == 3 } == [
                "github_token/default/token", "linear_oauth/default/access_token", "linear_oauth/default/client_id",
            ]
        )
        #expect(home.text("\(place)/linear_oauth/default/access_token") == "al-broker-linear_oauth\n")
        #expect(home.text("\(place)/github_token/default/token") == "real\n")
    }
}
