import Domain
import Project
import Testing

@Suite("Webhook sources of any sender")
struct WebhookSourceTests {
    private func load(_ keys: String) throws -> (source: WebhookSourceConfig?, problems: [String]) {
        let loaded = try TemporaryProject(["config.toml": "[webhooks.x]\ntype = \"generic\"\n\(keys)\n"]).load()
        return (
            loaded.config.webhooks["x"],
            loaded.problems.map { "\($0.code.id) \($0)" }.filter { $0.contains("webhooks.x") }
        )
    }

    @Test("the defaults are those of Standard Webhooks")
    func defaults() throws {
        let (source, problems) = try load("credential = \"pay\"")
        #expect(problems.isEmpty)
        #expect(source == WebhookSourceConfig(type: "generic", credential: "pay", format: GenericWebhookFormat()))
    }

    @Test("every key is read")
    func everything() throws {
        let (source, problems) = try load(
            """
            scheme = "hmac"
            header = "X-Sig"
            algorithm = "sha512"
            encoding = "base64"
            prefix = "s="
            timestampHeader = "X-Time"
            tolerance = 60
            delivery = "header:X-Id"
            [webhooks.x.map]
            event = "/type"
            repo = "=acme/app"
            labels = "/tags"
            """
        )
        #expect(problems.isEmpty)
        let form = HMACFormat(
            header: "X-Sig",
            algorithm: .sha512,
            encoding: .base64,
            prefix: "s=",
            timestampHeader: "X-Time"
        )
        let map = ["event": WebhookField("/type"), "repo": WebhookField("=acme/app"), "labels": WebhookField("/tags")]
        #expect(
            source?.format
                == GenericWebhookFormat(
                    scheme: .hmac(form),
                    tolerance: 60,
                    delivery: WebhookField("header:X-Id"),
                    map: map.compactMapValues(\.self)
                )
        )
        #expect(
            try load("scheme = \"token\"\nheader = \"X-Token\"\nprefix = \"Bearer \"").source?.format?.scheme
                == .token(header: "X-Token", prefix: "Bearer ")
        )
    }

    @Test(
        "14. each mistake has its sentence with file and line",
        arguments: [
            ("scheme = \"hmca\"", "E10 config.toml:3: webhooks.x.scheme: \"hmca\" is unknown (standard, hmac, token)"),
            ("scheme = \"hmac\"", "E10 config.toml:1: webhooks.x.header: is missing (scheme = \"hmac\" needs it)"),
            ("header = \"X\"", "W02 config.toml:3: webhooks.x.header: has no effect with scheme = \"standard\""),
            ("tolerance = -1", "E17 config.toml:3: webhooks.x.tolerance: expected a whole number ≥ 0, found -1"),
            (
                "delivery = \"id\"",
                "E10 config.toml:3: webhooks.x.delivery: \"id\" is no JSON pointer (\"/a/b\"), \"header:<name>\" or "
                    + "\"=text\""
            ),
            ("[webhooks.x.map]\nevnt = \"/a\"", "W01 config.toml:4: webhooks.x.map.evnt: unknown key"),
            ("credential = \"a\"\nallowUnsigned = true", "W02 config.toml:4: webhooks.x.allowUnsigned: has no effect"),
            (
                "credential = \"my org\"",
                "E10 config.toml:3: webhooks.x.credential: expected a letter or digit, then at most 62 of letters, digits, "
                    + "\".\", \"_\" and \"-\", found \"my org\""
            ),
            (
                "scheme = \"token\"\nheader = \"X Bad:Header\"",
                "E10 config.toml:4: webhooks.x.header: \"X Bad:Header\" cannot be the name of a header"
            ),
            (
                "scheme = \"hmac\"\nheader = \"X\"\ntimestampHeader = \"X Time\"",
                "E10 config.toml:5: webhooks.x.timestampHeader: \"X Time\" cannot be"
            ),
            ("delivery = \"header:a b\"", "E10 config.toml:3: webhooks.x.delivery: \"a b\" cannot be the name"),
            ("secret = \"a\"", "W01 config.toml:3: webhooks.x.secret: unknown key"),
        ]
    )
    func mistakes(keys: String, problem: String) throws {
        let problems = try load(keys).problems
        #expect(problems.count == 1 && problems.first?.hasPrefix(problem) == true, "\(problems)")
    }

    @Test("A secret where nobody signs has no effect, and its source takes what comes")
    func testSource() throws {
        let config = "[webhooks.x]\ntype = \"test\"\ncredential = \"x\"\n"
        let loaded = try TemporaryProject(["config.toml": config]).load()
        #expect(loaded.problems.map(\.code) == [.configNoEffect])
        #expect(loaded.config.webhooks == ["x": WebhookSourceConfig(type: "test")])
    }

    @Test("trusted proxies are addresses or ranges")
    func proxies() throws {
        let text = "[gateway]\ntrustedProxies = [\"10.0.0.0/8\", \"fd00::/8\", \"example.com\"]\n"
        let loaded = try TemporaryProject(["config.toml": text]).load()
        #expect(loaded.problems.map(\.keyPath).contains("gateway.trustedProxies[2]"))
        #expect(!loaded.problems.map(\.keyPath).contains("gateway.trustedProxies[1]"))
    }
}
