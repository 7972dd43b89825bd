import Credentials
import Domain
import Foundation
import Storage
import TestSupport
import Testing

@testable import al

@Suite("Commands that read the state file when no scheduler runs", .timeLimit(.minutes(5)))
struct HistoryCommandTests {
    /// A project in which a few things happened, and no scheduler.
    static func withHistory(_ body: (AlProcess) async throws -> Void) async throws {
        try await AlProcess.withDirectory { al in
            // Port 1 is nobody's.
            try al.write("config.toml", "[gateway]\nport = 1\n")
            try al.write(
                "agents/dev/agent-config.toml",
                "schedule = \"0 10 * * *\"\ntimezone = \"Asia/Tokyo\"\n[[webhooks]]\nsource = \"hub\"\nevents = [\"issues\"]\n"
                    + "repos = [\"acme/app\"]\n[model]\nprovider = \"scripted\"\nmodel = \"s.yaml\"\n"
            )
            try al.write(
                "config.toml",
                "[gateway]\nport = 1\n[webhooks.hub]\ntype = \"github\"\nallowUnsigned = true\n"
            )
            try al.write("agents/dev/ACTIONS.md", "Work.\n")
            try al.write("agents/dev/s.yaml", "turns:\n  - text: done\n")
            try await happen(try SQLiteStore(path: al.directory + "/.al/state.db"))
            try await body(al)
        }
    }

    private static func happen(_ store: SQLiteStore) async throws {
        let dev = try StoreSamples.agent("dev")
        var fired = try StoreSamples.run("dev", 1, at: 300)
        fired.trigger = .schedule(slot: StoreSamples.at(300))
        try await store.fire(fired, at: StoreSamples.at(300))
        let usage = TokenUsage(input: 40_000, output: 5231, cost: 0.1234, turns: 7)
        let outcome = RunOutcome(state: .succeeded, exitCode: 0, usage: usage)
        _ = try await store.end(fired.instance.run, with: outcome, at: StoreSamples.at(380))
        try await store.settle(.skipped(.busy), of: dev, at: StoreSamples.at(600))
        try await store.settle(.missed, of: dev, at: StoreSamples.at(900))
        let order = try StoreSamples.call("c1", from: fired.instance, to: "ops", at: 302)
        _ = try await store.createCall(order.call, item: order.item)
        _ = try await store.record(try StoreSamples.delivery("d1", agents: ["dev"], skipped: ["ops"], at: 400))
        let second = try StoreSamples.run("dev", 2, at: 401)
        _ = try await store.claimNext(of: dev, as: second, rule: .any)
        let failure = RunOutcome(
            state: .failed,
            exitCode: 11,
            reason: "Container exited with code 11: Permission/access denied"
        )
        _ = try await store.end(second.instance.run, with: failure, at: StoreSamples.at(402.5))
        try await store.setPaused(since: StoreSamples.at(0))
    }

    static let commands: [(arguments: [String], golden: String)] = [
        (["stats", "dev", "--since", "2020-01-01"], "gate-stats.txt"),
        (["stats", "--calls", "--since", "2020-01-01"], "gate-stats-calls.txt"),
        (["stats", "--since", "2020-01-01", "--json"], "gate-stats.json"),
        (["audit", "--since", "2020-01-01"], "gate-audit.txt"),
        (["audit", "--since", "2020-01-01", "--json"], "gate-audit.json"),
        (["why", "dev-00000002"], "gate-why-run.txt"),
        (["why", "d1"], "gate-why-delivery.txt"),
        (["why", "dev-00000001", "--json"], "gate-why.json"),
        (["stat", "dev", "--history"], "gate-stat-history.txt"),
        (["stat", "dev"], "gate-stat-agent.txt"),
        (["stat", "--json"], "gate-stat-offline.json"),
    ]

    @Test("each prints what the records say", arguments: commands)
    func golden(arguments: [String], golden: String) async throws {
        try await Self.withHistory { al in
            let result = try await al.run(arguments)
            #expect(result.code == 0, "\(result.error)")
            try expectGolden(result.output.replacing(al.directory, with: "<project>"), golden)
        }
    }

    @Test("next shows the schedule's zone and this machine's time")
    func next() async throws {
        try await Self.withHistory { al in
            let text = try await al.run("next", "dev", "-n", "2").output.split(separator: "\n")
            #expect(text.count == 3)
            #expect(text[0] == "dev  0 10 * * * (Asia/Tokyo)  [paused]")
            for line in text.dropFirst() {
                #expect(
                    line.contains(
                        /^  \d{4}-\d\d-\d\d 10:00:00  \(\d{4}-\d\d-\d\d 01:00:00 here\)  in \d+(h\d+m|m(\d+s)?|s)$/
                    )
                )
            }
            let json = try JSONValue(parsing: try await al.run("next", "--json").output)
            #expect(json["fires"]?[0]?["slots"]?.arrayValue?.count == 5)
        }
    }

    @Test("a stored secret that a run was told is not shown")
    func secretTask() async throws {
        try await Self.withHistory { al in
            let secret = "ghp_SEKRETvalue123456"
            try CredentialStore(home: al.home).write(
                type: "github_token",
                instance: "default",
                fields: ["token": secret]
            )
            let store = try SQLiteStore(path: al.directory + "/.al/state.db")
            // Of the second only the beginning is shown, and the cut would go through the secret.
            for (number, blanks) in [(8, 1), (9, 72)] {
                var run = try StoreSamples.run("dev", number, at: Double(number) * 1000)
                run.trigger = .manual(prompt: "use" + String(repeating: " ", count: blanks) + secret)
                try await store.fire(run, at: StoreSamples.at(Double(number) * 1000))
            }
            for arguments in [
                ["why", "dev-00000008"], ["why", "dev-00000009"], ["stat", "dev", "--history", "--json"],
            ] {
                let text = try await al.run(arguments).output
                #expect(text.contains("with the task “use") || text.contains("\"prompt\": \"use"), "\(text)")
                #expect(!text.contains(secret.prefix(4)), "\(arguments): \(text)")
            }
        }
    }

    @Test("an unknown target is an error with near names")
    func unknown() async throws {
        try await Self.withHistory { al in
            let result = try await al.run("why", "dew")
            #expect(result.code == 1)
            #expect(result.error == "Error: nothing is recorded about dew. Did you mean dev? Agents: dev.\n")
        }
    }

    @Test("an agent that is there and not loaded is not suggested in its own place")
    func notLoaded() async throws {
        try await Self.withHistory { al in
            try al.write("agents/red/agent-config.toml", "scale = \"many\"\n")
            try al.write("agents/red/ACTIONS.md", "Work.\n")
            let why = try await al.run("why", "red")
            #expect(why.code == 1)
            #expect(
                why.error.hasPrefix(
                    "Configuration error: agents/red/agent-config.toml: Agent `red`: no [model] here or in config.toml\n"
                ),
                "\(why.error)"
            )
            let stat = try await al.run("stat", "red")
            #expect(stat.output.hasPrefix("Agent: red\n"))
            let first = "agents/red/agent-config.toml: Agent `red`: no [model] here or in config.toml"
            let problem = "\(first) (and 2 more: al doctor)\n"
            #expect(stat.output.contains("  Problem: \(problem)"), "\(stat.output)")
            let all = try await al.run("stat").output
            #expect(all.contains("Problems:\n  red: \(problem)"), "\(all)")
        }
    }

    @Test("stat tells what waits and what has no end when the scheduler died")
    func stateOfTheDead() async throws {
        try await Self.withHistory { al in
            let store = try SQLiteStore(path: al.directory + "/.al/state.db")
            let run = try StoreSamples.run("dev", 3, at: 1200)
            _ = try await store.startDirect(run)
            for id in ["i1", "i2", "i3"] {
                var item = try StoreSamples.item("dev", id, limit: 2)
                // Only what was dropped lately is counted.
                item.receivedAt = Date()
                _ = try await store.enqueue(item)
            }
            let ages = Duration.seconds(1 << 40)
            _ = try await store.acquireLock("issue 7", holder: run.instance, ttl: ages, at: StoreSamples.at(1))
            let text = try await al.run("stat").output.replacing(al.directory, with: "<project>")
            try expectGolden(text.replacing(/held for .*\)/, with: "held for <age>)"), "gate-stat-dead.txt")
        }
    }

    @Test("an audit that does not balance ends with 1")
    func unbalanced() async throws {
        try await Self.withHistory { al in
            // The scheduler died between taking the call and queueing it: no order of ours can make that happen.
            let store = try SQLiteStore(path: al.directory + "/.al/state.db")
            _ = try await store.dropWaiting(of: nil, reason: "scheduler stopped", at: StoreSamples.at(1000))
            #expect(try await al.run("audit", "--since", "2020-01-01").code == 0)
        }
    }

    @Test("a project that never started has no history, and says so")
    func nothing() async throws {
        try await AlProcess.withDirectory { al in
            try al.write("config.toml", "[gateway]\nport = 1\n")
            for arguments in [["stats"], ["audit"], ["why", "dev"]] {
                let result = try await al.run(arguments)
                #expect(result.code == 1)
                #expect(result.error.contains("there is no history in"), "\(result.error)")
            }
            let result = try await al.run("stat", "--history")
            #expect(result.code == 0, "\(result.error)")
            #expect(result.output == "No history yet.\n")
            let json = try await al.run("stat", "--history", "--json")
            #expect(json.code == 0, "\(json.error)")
            #expect(try JSONValue(parsing: json.output) == ["entries": []])
        }
    }
}
