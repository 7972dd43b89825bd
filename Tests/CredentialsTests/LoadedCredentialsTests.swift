import Credentials
import Domain
import Foundation
import Testing

@Suite("Credentials inside a run")
struct LoadedCredentialsTests {
    let home: TemporaryHome

    init() throws { home = try TemporaryHome() }

    private func load() throws -> LoadedCredentials? {
        try LoadedCredentials(directory: "\(home.path)/mount")
    }

    @Test("Three levels are read, values trimmed; entries that begin with two dots are skipped")
    func layout() throws {
        try home.write("t1\n", to: "mount/github_token/default/token")
        try home.write("t2\n", to: "mount/github_token/work/token")
        for name in [
            "..data/x/y", "github_token/..2026/token", "github_token/default/..old", "stray", "github_token/stray",
        ] {
            try home.write("never\n", to: "mount/\(name)")
        }
        let loaded = try #require(try load())
        #expect(loaded[CredentialReference(type: "github_token")] == ["token": "t1"])
        #expect(loaded[CredentialReference(type: "github_token", instance: "work")] == ["token": "t2"])
        #expect(loaded[CredentialReference(type: "aws")] == nil)
        #expect(Set(loaded.secrets.map(\.value)) == ["t1", "t2"])
        #expect("\(loaded)" == "LoadedCredentials(1 types)")
    }

    @Test("An absent or empty directory is nothing; an instance without fields is there")
    func empty() throws {
        #expect(try load() == nil)
        try FileManager.default.createDirectory(atPath: "\(home.path)/mount/aws", withIntermediateDirectories: true)
        #expect(try load() == nil)
        try FileManager.default.createDirectory(atPath: "\(home.path)/mount/aws/x", withIntermediateDirectories: true)
        #expect(try load()?[CredentialReference(type: "aws", instance: "x")] == [:])
    }

    private static let variableTable: [(type: String, variables: [String: String])] = [
        ("github_token", ["GITHUB_TOKEN": "v-token", "GH_TOKEN": "v-token"]),
        ("sentry_token", ["SENTRY_AUTH_TOKEN": "v-token"]),
        ("linear_token", ["LINEAR_API_TOKEN": "v-token"]),
        (
            "linear_oauth",
            [
                "LINEAR_CLIENT_ID": "v-client_id", "LINEAR_CLIENT_SECRET": "v-client_secret",
                "LINEAR_ACCESS_TOKEN": "v-access_token", "LINEAR_REFRESH_TOKEN": "v-refresh_token",
            ]
        ),
        ("bugsnag_token", ["BUGSNAG_AUTH_TOKEN": "v-token"]),
        ("netlify_token", ["NETLIFY_AUTH_TOKEN": "v-token"]),
        ("mintlify_token", ["MINTLIFY_API_TOKEN": "v-token"]),
        (
            "x_twitter_api",
            [
                "X_API_KEY": "v-api_key", "X_API_SECRET": "v-api_secret", "X_BEARER_TOKEN": "v-bearer_token",
                "X_ACCESS_TOKEN": "v-access_token", "X_ACCESS_TOKEN_SECRET": "v-access_token_secret",
            ]
        ),
        (
            "reddit_oauth",
            [
                "REDDIT_CLIENT_ID": "v-client_id", "REDDIT_CLIENT_SECRET": "v-client_secret",
                "REDDIT_USERNAME": "v-username", "REDDIT_PASSWORD": "v-password", "REDDIT_USER_AGENT": "v-user_agent",
            ]
        ),
        (
            "aws",
            [
                "AWS_ACCESS_KEY_ID": "v-access_key_id", "AWS_SECRET_ACCESS_KEY": "v-secret_access_key",
                "AWS_DEFAULT_REGION": "v-default_region",
            ]
        ),
        ("vultr_api_key", ["VULTR_API_KEY": "v-api_key"]),
        ("hetzner_api_key", ["HETZNER_API_KEY": "v-api_key"]),
        ("cloudflare_api_token", ["CLOUDFLARE_API_TOKEN": "v-api_token"]),
        ("discord_bot", ["DISCORD_BOT_TOKEN": "v-bot_token"]),
    ]

    @Test("Each type sets its own variables and no others", arguments: CredentialCatalog.standard.types)
    func variables(type: CredentialType) throws {
        for field in type.fields { try home.write("v-\(field.name)\n", to: "mount/\(type.id)/default/\(field.name)") }
        let expected = Self.variableTable.first { $0.type == type.id }?.variables ?? [:]
        let variables = try load()?.variables(for: [CredentialReference(type: type.id)])
        #expect(variables == expected)
    }

    @Test("An empty field sets nothing, and of two references of one type the later wins")
    func emptyAndLater() throws {
        try home.write("\n", to: "mount/aws/default/default_region")
        try home.write("first\n", to: "mount/aws/default/access_key_id")
        try home.write("second\n", to: "mount/aws/work/access_key_id")
        let references = [CredentialReference(type: "aws"), CredentialReference(type: "aws", instance: "work")]
        let loaded = try #require(try load())
        #expect(loaded.variables(for: references) == ["AWS_ACCESS_KEY_ID": "second"])
        #expect(loaded.variables(for: references.reversed()) == ["AWS_ACCESS_KEY_ID": "first"])
        #expect(loaded.variables(for: []).isEmpty)
    }
}
