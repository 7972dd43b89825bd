import Credentials
import Domain
import Foundation
import Testing

@Suite("The credential store")
struct CredentialStoreTests {
    let home: TemporaryHome

    init() throws { home = try TemporaryHome() }

    @Test("What is written is read again, trimmed, and stands in one file per field")
    func roundTrip() throws {
        try home.store.write(
            type: "aws",
            instance: "eu-1",
            fields: ["access_key_id": " AKIA \n", "secret_access_key": "s\nt"]
        )
        #expect(
            try home.store.read(type: "aws", instance: "eu-1") == [
                "access_key_id": "AKIA", "secret_access_key": "s\nt",
            ]
        )
        #expect(home.text("home/credentials/aws/eu-1/access_key_id") == "AKIA\n")
        #expect(
            home.tree("home/credentials")
                == ["aws", "aws/eu-1", "aws/eu-1/access_key_id", "aws/eu-1/secret_access_key"]
        )
        try home.store.write(type: "aws", instance: "eu-1", fields: ["access_key_id": "AKIB"])
        #expect(try home.store.read(type: "aws", instance: "eu-1") == ["access_key_id": "AKIB"])
        #expect(home.tree("home/credentials") == ["aws", "aws/eu-1", "aws/eu-1/access_key_id"])
    }

    @Test("What is absent, or empty, is nothing")
    func absent() throws {
        #expect(try home.store.read(type: "aws", instance: "default") == nil)
        #expect(try home.store.list().isEmpty)
        try home.write(" \n", to: "home/credentials/aws/default/access_key_id")
        #expect(try home.store.exists(type: "aws", instance: "default") == false)
        try home.write("x", to: "home/credentials/github_token/default/token/no-field")
        #expect(try home.store.list().isEmpty)
    }

    @Test("A directory beside the fields is no field")
    func strayDirectory() throws {
        try home.store.write(type: "github_token", instance: "default", fields: ["token": "ghp_a"])
        try home.write("x", to: "home/credentials/github_token/default/backup/token")
        #expect(try home.store.read(type: "github_token", instance: "default") == ["token": "ghp_a"])
    }

    @Test("A field that cannot be read is no absent field, and the system's words say why")
    func unreadableField() throws {
        try home.store.write(type: "aws", instance: "a", fields: ["access_key_id": "1"])
        let field = "\(home.store.root)/aws/a/secret_access_key"
        try FileManager.default.createSymbolicLink(atPath: field, withDestinationPath: field)
        let error = #expect(throws: CredentialError.self) { try home.store.read(type: "aws", instance: "a") }
        #expect(error?.message == "Cannot read \(field): Too many levels of symbolic links")
    }

    @Test("Directories are 0700 and files 0600, whatever was there before and whatever the umask allows")
    func modes() throws {
        let directories = ["", "/github_token", "/github_token/default"]
        try home.write("old\n", to: "home/credentials/github_token/default/token", mode: 0o644)
        for directory in directories { chmod(home.store.root + directory, 0o755) }
        let previous = umask(0)
        defer { umask(previous) }
        try home.store.write(type: "github_token", instance: "default", fields: ["token": "new"])
        for directory in directories { #expect(home.mode("home/credentials\(directory)") == 0o700) }
        #expect(home.mode("home/credentials/github_token/default/token") == 0o600)
        try CredentialStore(home: "\(home.path)/fresh").write(type: "aws", instance: "a", fields: ["x": "y"])
        #expect(home.mode("fresh") == 0o700)
    }

    @Test(
        "Names that could leave the store are refused before anything is touched",
        arguments: [
            ("github_token", ".."), ("github_token", ""), ("github_token", "a/b"), ("github_token", ".x"),
            ("github_token", String(repeating: "a", count: 64)), ("..", "default"), ("", "default"), ("a/b", "default"),
            (".x", "default"), (String(repeating: "a", count: 64), "default"), ("..", ".."), ("", ""),
        ]
    )
    func badNames(type: String, instance: String) throws {
        try home.store.write(type: "github_token", instance: "default", fields: ["token": "kept"])
        let before = home.tree()
        let operations: [() throws -> Void] = [
            { _ = try home.store.read(type: type, instance: instance) },
            { _ = try home.store.exists(type: type, instance: instance) },
            { try home.store.write(type: type, instance: instance, fields: ["token": "x"]) },
            { try home.store.delete(type: type, instance: instance) },
        ]
        for operation in operations {
            let error = #expect(throws: CredentialError.self) { try operation() }
            #expect(error?.code == .badReference)
        }
        #expect(home.tree() == before)
    }

    @Test("Names of 63 characters are the longest")
    func longestName() throws {
        let name = String(repeating: "a", count: 63)
        try home.store.write(type: name, instance: name, fields: [name: "x"])
        #expect(try home.store.read(type: name, instance: name) == [name: "x"])
    }

    @Test("Field names are checked too", arguments: ["..", "", "a/b", ".x", String(repeating: "a", count: 64)])
    func badFields(field: String) throws {
        let error = #expect(throws: CredentialError.self) {
            try home.store.write(type: "aws", instance: "default", fields: [field: "x"])
        }
        #expect(error?.code == .badReference)
        #expect(home.tree().isEmpty)
    }

    @Test("A field that every user can read is refused with the command that repairs it")
    func exposed() throws {
        try home.store.write(type: "github_token", instance: "default", fields: ["token": "secret-value"])
        let field = "\(home.store.root)/github_token/default/token"
        chmod(field, 0o644)
        // A closed directory above keeps others out.
        #expect(try home.store.read(type: "github_token", instance: "default") == ["token": "secret-value"])
        for path in ["", "/github_token", "/github_token/default"] { chmod(home.store.root + path, 0o755) }
        let error = #expect(throws: CredentialError.self) {
            try home.store.read(type: "github_token", instance: "default")
        }
        #expect(error?.code.id == "C10")
        #expect(
            error?.message == "\(field) can be read by every user of this machine. Run: chmod -R go= \(home.store.root)"
        )
        chmod(field, 0o640)
        #expect(try home.store.exists(type: "github_token", instance: "default"))
    }

    @Test("Deleting the last instance deletes its type's directory; the others stay")
    func delete() throws {
        try home.store.write(type: "aws", instance: "a", fields: ["access_key_id": "1"])
        try home.store.write(type: "aws", instance: "b", fields: ["access_key_id": "2"])
        try home.store.delete(type: "aws", instance: "a")
        #expect(home.tree("home/credentials") == ["aws", "aws/b", "aws/b/access_key_id"])
        try home.store.delete(type: "aws", instance: "b")
        #expect(home.tree("home/credentials").isEmpty)
        let error = #expect(throws: CredentialError.self) { try home.store.delete(type: "aws", instance: "b") }
        #expect(error?.code == .notFound)
        #expect(error?.message == "No credential `aws:b`")
    }

    @Test("The list is sorted and knows neither hidden entries nor stray files")
    func list() throws {
        for (type, instance) in [("netlify_token", "default"), ("aws", "z"), ("aws", "a")] {
            try home.store.write(type: type, instance: instance, fields: ["b": "1", "a": "2"])
        }
        for name in [".hidden/x/y", "aws/.a.77/token", "aws/a/.swp", "notes", "aws/stray"] {
            try home.write("x\n", to: "home/credentials/\(name)")
        }
        let entries = try home.store.list().map { "\($0.type):\($0.instance) \($0.fields.joined(separator: ","))" }
        #expect(entries == ["aws:a a,b", "aws:z a,b", "netlify_token:default a,b"])
        #expect(try home.store.read(type: "aws", instance: "a") == ["a": "2", "b": "1"])
    }

    @Test("Only secret fields are given to redaction")
    func secrets() throws {
        try home.store.write(
            type: "aws",
            instance: "x",
            fields: ["access_key_id": "AKIA", "secret_access_key": "hidden"]
        )
        try home.store.write(type: "own_type", instance: "x", fields: ["anything": "unknown"])
        let found = home.store.secrets()
        #expect(Set(found.secrets.map(\.value)) == ["hidden", "unknown"])
        #expect(found.warnings.isEmpty)
    }

    @Test(
        "One field that cannot be read leaves all others hidden and is named",
        arguments: ["a link to nothing", "a directory"]
    )
    func unreadableSecret(kind: String) throws {
        let store = home.store
        try store.write(type: "github_token", instance: "default", fields: ["token": "ghp_secret"])
        let place = "\(store.root)/aws/default"
        let field = "\(place)/secret_access_key"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        if kind == "a directory" {
            try FileManager.default.createDirectory(atPath: field, withIntermediateDirectories: true)
        } else {
            try FileManager.default.createSymbolicLink(atPath: field, withDestinationPath: "\(home.path)/nothing")
        }
        #expect(StoreRedactor(store: store).redact("got ghp_secret") == "got [redacted:github_token.token]")
        let warnings = store.secrets().warnings
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains(field) == true)
    }

    @Test("A field that every user can read is no reason to show it")
    func exposedSecret() throws {
        let store = home.store
        let place = "\(store.root)/aws/default"
        try home.write("aws_secret", to: "home/credentials/aws/default/secret_access_key", mode: 0o644)
        for directory in [store.root, "\(store.root)/aws", place] { chmod(directory, 0o755) }
        #expect(throws: CredentialError.self) { try store.read(type: "aws", instance: "default") }
        #expect(StoreRedactor(store: store).redact("got aws_secret") == "got [redacted:aws.secret_access_key]")
        #expect(store.secrets().warnings.isEmpty)
    }

    @Test(
        "Webhook secrets are listed by instance",
        arguments: [("github_webhook_secret", "secret"), ("discord_bot", "public_key")]
    )
    func webhookSecrets(type: String, field: String) throws {
        try home.store.write(type: type, instance: "default", fields: [field: "one"])
        try home.store.write(type: type, instance: "work", fields: [field: "two"])
        #expect(try home.store.webhookSecrets(of: type).secrets == ["default": "one", "work": "two"])
    }

    @Test("A webhook secret that cannot be read hides no other one")
    func unreadableWebhookSecret() throws {
        let (store, type) = (home.store, "github_webhook_secret")
        try store.write(type: type, instance: "mine", fields: ["secret": "one"])
        try home.write("two", to: "home/credentials/\(type)/other/secret", mode: 0o644)
        for directory in ["", "/\(type)", "/\(type)/other"] { chmod(store.root + directory, 0o755) }
        let all = try store.webhookSecrets(of: type)
        #expect(all.secrets == ["mine": "one"] && Array(all.unreadable.keys) == ["other"])
        let named = try store.webhookSecrets(of: type, named: ["mine", "absent"])
        #expect(named.secrets == ["mine": "one"] && named.unreadable.isEmpty)
    }

    @Test("An instance is created only where none is, and nothing else stays behind")
    func create() throws {
        #expect(try home.store.create(type: "aws", instance: "eu", fields: ["access_key_id": "one"]))
        #expect(try !home.store.create(type: "aws", instance: "eu", fields: ["access_key_id": "two"]))
        #expect(try home.store.read(type: "aws", instance: "eu") == ["access_key_id": "one"])
        #expect(home.tree("home/credentials") == ["aws", "aws/eu", "aws/eu/access_key_id"])
    }

    @Test("Readers of a field that is being changed see the old value or the new one, never none")
    func atomicChange() async throws {
        let store = home.store
        try store.write(type: "github_token", instance: "default", fields: ["token": "0"])
        let seen = try await withThrowingTaskGroup(of: Set<String?>.self) { group in
            group.addTask {
                for number in 1...200 {
                    try store.write(type: "github_token", instance: "default", fields: ["token": "\(number)"])
                }
                return []
            }
            group.addTask {
                var seen: Set<String?> = []
                while !seen.contains("200") {
                    seen.insert(try store.read(type: "github_token", instance: "default")?["token"])
                }
                return seen
            }
            return try await group.reduce(into: Set()) { $0.formUnion($1) }
        }
        #expect(!seen.contains(nil))
    }

    @Test("The gateway's key is made once and stays")
    func gatewayKey() throws {
        let first = try GatewayKey.loadOrCreate(in: home.store) { Array(repeating: 0xFB, count: $0) }
        #expect(first.isNew)
        #expect(first.value.count == 43)
        #expect(first.value.hasPrefix("-_v7-_v7"))
        let second = try GatewayKey.loadOrCreate(in: home.store) { Array(repeating: 1, count: $0) }
        #expect(second.value == first.value)
        #expect(!second.isNew)
        #expect(home.text("home/credentials/gateway_api_key/default/key") == first.value + "\n")
    }

    @Test("Of two that make the gateway's key at once the loser takes the winner's")
    func gatewayKeyRace() throws {
        let store = home.store
        var winner: GatewayKey?
        let loser = try GatewayKey.loadOrCreate(in: store) { count in
            // The other one is quicker by this much.
            winner = try? GatewayKey.loadOrCreate(in: store) { Array(repeating: 7, count: $0) }
            return Array(repeating: 1, count: count)
        }
        #expect(winner?.isNew == true)
        #expect(!loser.isNew)
        #expect(loser.value == winner?.value)
    }

    @Test("An empty file in the place of the gateway's key is replaced")
    func emptyGatewayKey() throws {
        try home.write("\n", to: "home/credentials/gateway_api_key/default/key")
        let key = try GatewayKey.loadOrCreate(in: home.store) { Array(repeating: 7, count: $0) }
        #expect(home.text("home/credentials/gateway_api_key/default/key") == key.value + "\n")
    }

    @Test("A rotated key replaces the old one")
    func rotate() throws {
        let old = try GatewayKey.loadOrCreate(in: home.store) { Array(repeating: 1, count: $0) }
        let new = try GatewayKey.rotate(in: home.store) { Array(repeating: 2, count: $0) }
        #expect(new.value != old.value)
        #expect(try GatewayKey.stored(in: home.store) == new.value)
    }

    @Test("What the store's links lead to is not the store's")
    func linkedInstance() throws {
        try home.store.write(type: "aws", instance: "a", fields: ["access_key_id": "1"])
        try home.write("2", to: "elsewhere/access_key_id", mode: 0o644)
        try FileManager.default.createSymbolicLink(
            atPath: "\(home.store.root)/aws/b",
            withDestinationPath: "\(home.path)/elsewhere"
        )
        #expect(home.store.widelyOpenPaths().isEmpty)
    }

    @Test("What others may use in any way is listed, for people to close")
    func widelyOpen() throws {
        #expect(home.store.widelyOpenPaths().isEmpty)
        try home.store.write(type: "aws", instance: "a", fields: ["access_key_id": "1"])
        #expect(home.store.widelyOpenPaths().isEmpty)
        chmod("\(home.store.root)/aws", 0o710)
        chmod("\(home.store.root)/aws/a/access_key_id", 0o640)
        #expect(
            home.store.widelyOpenPaths() == ["\(home.store.root)/aws", "\(home.store.root)/aws/a/access_key_id"]
        )
        let linked = CredentialStore(home: "\(home.path)/linked")
        try home.write("", to: "linked/file")
        try FileManager.default.createSymbolicLink(atPath: linked.root, withDestinationPath: home.store.root)
        #expect(linked.widelyOpenPaths() == home.store.widelyOpenPaths())
    }
}
