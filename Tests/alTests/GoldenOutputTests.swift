import Domain
import Foundation
import Testing

@testable import al

/// One command as it is typed, and the file that holds what it says.
struct OutputCase: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    /// Whether times and durations depend on when the test runs.
    let tellsTime: Bool

    init(_ line: String, tellsTime: Bool = false) {
        arguments = line.split(separator: " ").map(String.init)
        self.tellsTime = tellsTime
    }

    var testDescription: String { "al " + arguments.joined(separator: " ") }

    /// Such as `stat-dev-json.txt`.
    var golden: String {
        let words = arguments.map { $0.replacing(/^-+/, with: "").replacing(/[^A-Za-z0-9]+/, with: "-") }
        return "output/" + words.joined(separator: "-") + ".txt"
    }
}

@Suite("What commands print", .timeLimit(.minutes(5)))
struct GoldenOutputTests {
    private static let cases: [OutputCase] = [
        .init("--version"), .init("nope"), .init("stat --jsno"), .init("stat nobody"), .init("stat"),
        .init("next", tellsTime: true), .init("next dev -n 2 --json", tellsTime: true), .init("next ops"),
        .init("why nothing"), .init("why nothing --json"), .init("stats --json --since 2020-01-01 ops"),
        .init("audit --since soon"), .init("logs nobody"), .init("record nothing"),
        .init("env list"), .init("env list --json"), .init("env show prod"), .init("env show prod --json"),
        .init("env show prd"), .init("env init prod"), .init("config show"), .init("config show --json"),
        .init("creds ls"), .init("creds ls --json"), .init("creds types"), .init("creds add"),
        .init("creds add github_tokn"), .init("creds rm github_token"), .init("creds rm nothing --yes"),
        .init("agent list"), .init("agent list --json"), .init("agent new"), .init("agent config nobody"),
        .init("webhook list"), .init("webhook list --json"), .init("webhook show d1"), .init("webhook show nothing"),
        .init("doctor --check-only", tellsTime: true), .init("doctor --check-only --json", tellsTime: true),
        .init("pause"), .init("resume dev --json"), .init("kill dev-00000001"), .init("stop"), .init("run nobody"),
        .init("run dev --replay nothing"), .init("new"), .init("start --port 99999999"),
    ]

    @Test("is what the file beside the tests says; AL_UPDATE_GOLDEN=1 writes it anew", arguments: cases)
    func output(_ example: OutputCase) async throws {
        try await HistoryCommandTests.withHistory { al in
            try Self.furnish(al)
            let result = try await al.run(example.arguments)
            let parts = [
                "$ \(example.testDescription)\n", result.output,
                result.error.isEmpty ? "" : "[standard error]\n\(result.error)", "[exit code \(result.code)]\n",
            ]
            var text = parts.joined().replacing(al.directory, with: "<project>")
            if example.tellsTime { text = Self.timeless(text) }
            try expectGolden(Self.anywhere(text), example.golden)
        }
    }

    /// An agent without schedule, an environment, and two credentials, one of which nobody needs.
    private static func furnish(_ al: AlProcess) throws {
        try al.write("agents/ops/agent-config.toml", "credentials = [\"github_token\"]\nmanual = true\n")
        try al.write("agents/ops/ACTIONS.md", "Work.\n")
        try al.write(
            "config.toml",
            """
            [gateway]
            port = 1
            [local]
            runtime = "host"
            [model]
            provider = "custom"
            model = "m"
            baseUrl = "http://127.0.0.1:1/v1"
            [webhooks.hub]
            type = "github"
            allowUnsigned = true

            """
        )
        try al.write("home/environments/prod.toml", "[server]\nhost = \"prod.example.com\"\nuser = \"ops\"\n")
        for (type, field) in [("github_token", "token"), ("openai_key", "token")] {
            let folder = "home/credentials/\(type)/default"
            try al.write("\(folder)/\(field)", "secret-\(type)")
            for path in ["home", "home/credentials", "home/credentials/\(type)", folder] {
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o700],
                    ofItemAtPath: "\(al.directory)/\(path)"
                )
            }
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600],
                ofItemAtPath: "\(al.directory)/\(folder)/\(field)"
            )
        }
    }

    /// The text without what depends on the moment.
    private static func timeless(_ text: String) -> String {
        text.replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)/, with: "<time>")
            .replacing(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, with: "<time>")
            .replacing(/\s\sin (\d+[dhms] ?)+/, with: "  in <a while>")
    }

    /// The text without what depends on the machine.
    private static func anywhere(_ text: String) -> String {
        text.replacing(/\d+(\.\d+)? ?(GB|MB|TB|GiB|MiB)/, with: "<size>")
            // A new command is no change of this message.
            .replacing(/Known: demo[^\n]*/, with: "Known: …")
            // Who may listen there depends on the user.
            .replacing(/Port 1 [^"\n]*/, with: "Port 1 …")
    }
}
