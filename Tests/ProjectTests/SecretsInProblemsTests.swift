import Domain
import Foundation
import Project
import Testing

@Suite("Secrets in problems")
struct SecretsInProblemsTests {
    @Test(
        "A value that may be secret is not shown where it does not fit",
        arguments: [
            ("[telemetry]\nheaders = \"Bearer S3CR3T\"\n", "telemetry.headers: expected a table, found a text"),
            ("[telemetry]\nheaders = { x = [\"S3CR3T\"] }\n", "telemetry.headers.x: expected text, found a list"),
            ("[mcp.db]\ncommand = [\"x\"]\nenv = \"S3CR3T\"\n", "mcp.db.env: expected a table, found a text"),
            (
                "[mcp.db]\ncommand = [\"x\"]\nenv = { KEY = { x = \"S3CR3T\" } }\n",
                "mcp.db.env.KEY: expected text, found {\"x\":\"***\"}"
            ),
            ("[mcp.web]\nurl = \"http://h\"\nheaders = { \"a.b\" = 53 }\n", "expected text, found \"***\""),
            (
                "[[models.x]]\nheaders = { Authorization = \"S3CR3T\" }\n",
                "models.x: expected a table, found [{\"headers\":{\"Authorization\":\"***\"}}]"
            ),
            (
                "[gateway]\nurl = \"ftp://me:S3CR3T@host\"\n",
                "gateway.url: \"ftp://me:***@host\" is not an http(s) URL"
            ),
            ("stopGrace = \"http://me:S3CR3T@host\"\n", "found \"http://me:***@host\""),
        ]
    )
    func hidden(config: String, says: String) throws {
        let text = config.hasPrefix("[") ? (TemporaryProject.sound["config.toml"] ?? "") + config : config
        let lines = try TemporaryProject(["config.toml": text]).load().problems.map(\.description)
        #expect(lines.contains { $0.contains(says) }, "\(lines)")
        #expect(!lines.joined().contains("S3CR3T"), "\(lines)")
    }

    @Test("Headers of an agent's model and of a preflight step are hidden as well")
    func agent() throws {
        var files = TemporaryProject.sound
        files["agents/dev/agent-config.toml"] = """
            credentials = []
            manual = true
            [model]
            provider = "scripted"
            model = "s.yaml"
            headers = "Authorization: Bearer S3CR3T"
            [[preflight]]
            provider = "http"
            params = { url = "http://x", output = "o", headers = "S3CR3T" }
            """
        let lines = try TemporaryProject(files).load().problems.map(\.description)
        #expect(lines.contains { $0.hasSuffix("model.headers: expected a table, found a text") }, "\(lines)")
        #expect(lines.contains { $0.hasSuffix("params.headers: expected a table of texts, found a text") }, "\(lines)")
        #expect(!lines.joined().contains("S3CR3T"))
    }

    @Test(
        "Of a line that is not TOML only the key is shown",
        arguments: [
            (
                "env = { API_TOKEN = \"S3CR3T }", "env = { *** = \"***",
                "                  ^"
            ),
            ("token = S3CR3T-more.S3CR3T", "token = ***", "        ^"),
            ("token = \"\\q S3CR3T\"", "token = \"***\"", "            ^"),
            ("args = [\n  \"--token\", \"S3CR3T\\q\",\n]", "  \"***\", \"***\",", "             ^"),
            ("key = \"\"\"\nabcS3CR3T==\\q\n\"\"\"", "***==***", nil),
            ("[S3CR3T = 1", "[*** = ***", nil),
            ("\"S3CR3T = 1", "\"***", nil),
            ("pin = 123456789012345678901234567890", "pin = ***", nil),
            ("[gateway", "[gateway", "        ^"),
        ]
    )
    func lineOfSyntaxError(text: String, shown: String, caret: String?) throws {
        let problem = try #require(try TemporaryProject(["config.toml": text + "\n"]).load().problems.first)
        let lines = problem.text.components(separatedBy: "\n    ")
        #expect(problem.code == .configSyntax && lines.count == 3, "\(problem)")
        #expect(lines[1] == shown)
        if let caret { #expect(lines[2] == caret) }
        #expect(!problem.text.contains("S3CR3T") && !problem.text.contains("34567"), "\(problem)")
    }

    @Test("What cannot be secret is shown as it is written")
    func shown() throws {
        let text = "env = 1\nscale = \"two\"\n"
        let lines = try TemporaryProject(["config.toml": text]).load().problems.map(\.description)
        #expect(lines.contains { $0.hasSuffix("scale: expected a whole number ≥ 1, found \"two\"") }, "\(lines)")
    }
}
