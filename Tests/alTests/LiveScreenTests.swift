import Domain
import Foundation
import Scheduler
import Terminal
import TestSupport
import Testing

@testable import al

@Suite struct LiveScreenTests {
    @Test("the overview at four widths", arguments: [(60, 18), (80, 24), (100, 30), (200, 40)])
    func overview(columns: Int, rows: Int) throws {
        let lines = LiveSamples.picture(try LiveSamples.state(columns: columns, rows: rows))
        #expect(lines.count == rows)
        try expectGolden(lines.joined(separator: "\n") + "\n", "live-overview-\(columns).txt")
    }

    @Test("a conversation at two widths", arguments: [(60, 18), (100, 30)])
    func conversation(columns: Int, rows: Int) throws {
        var state = try LiveSamples.state(columns: columns, rows: rows)
        let entries: [JSONValue] = [
            ["level": 30, "time": 0, "name": "dev", "instance": "dev-0a1b2c3d", "msg": "Starting dev run"],
            [
                "level": 30, "time": 0, "msg": "assistant",
                "text": "我先看看这个问题。 I look at the issue first, then at the code that it names.\n\n- src/cart.ts",
            ],
            ["level": 30, "time": 0, "msg": "bash", "cmd": "git log --oneline\ngrep -rn total src | head -50"],
            [
                "level": 50, "time": 0, "msg": "tool error", "tool": "bash", "cmd": "npm test",
                "result": "\u{1B}[31m✗ 3 failed\u{1B}[0m\n\tcart adds up",
            ],
            ["level": 40, "time": 0, "msg": "a warning"],
        ]
        let run = try #require(InstanceID("dev-0a1b2c3d"))
        state.open(run, entries.flatMap { ConversationView.lines(for: $0, showsInstance: false) })
        let lines = LiveSamples.picture(state)
        #expect(lines.count == rows)
        try expectGolden(lines.joined(separator: "\n") + "\n", "live-conversation-\(columns).txt")
    }

    @Test("while images are built, each agent shows how far it is")
    func starting() throws {
        var snapshot = try LiveSamples.snapshot()
        snapshot.status.isInitializing = true
        snapshot.status.agents[0].state = "building"
        snapshot.status.agents[0].statusText = "Step 3/7"
        var state = LiveState(facts: LiveSamples.facts, size: TerminalSize(columns: 60, rows: 12))
        #expect(LiveSamples.picture(state)[0] == "Action Llama — shop — Initializing")
        #expect(LiveSamples.picture(state).last == "Starting... Ctrl+C to cancel")
        state.take(snapshot)
        #expect(LiveSamples.picture(state).last == "Building Docker images... Ctrl+C to cancel")
        #expect(
            LiveSamples.picture(state).prefix(6) == [
                "Action Llama — shop — Initializing", "", "⠋ dev                    Step 3/7",
                "✗ planner-of-everything  exit code 3: the tests of the repo…", "✓ reviewer", "✓ weekly-digest",
            ]
        )
        state.tick()
        #expect(LiveSamples.picture(state)[2].hasPrefix("⠙ dev"))
        snapshot.status.baseImageStep = "Step 1/9"
        state.take(snapshot)
        #expect(LiveSamples.picture(state)[2] == "⠙ base image             Step 1/9")
    }

    @Test("a paused and a stopping scheduler say so")
    func flags() throws {
        var snapshot = try LiveSamples.snapshot()
        snapshot.status.isPaused = true
        var state = try LiveSamples.state(columns: 100, rows: 30)
        state.take(snapshot)
        #expect(LiveSamples.picture(state).contains("▐▐ Scheduler paused"))
        snapshot.status.isStopping = true
        state.take(snapshot)
        #expect(LiveSamples.picture(state).contains("▐▐ Stopping: waiting for 2 runs"))
    }

    @Test("no picture is ever wider or higher than the terminal", arguments: UInt64(0)..<8)
    func bounds(seed: UInt64) throws {
        var random = SeededGenerator(state: seed)
        var snapshot = try LiveSamples.snapshot()
        for number in 0..<Int.random(in: 0...60, using: &random) {
            let length = Int.random(in: 1...60, using: &random)
            var agent = AgentStatus(
                name: try AgentName("a\(number)" + String(repeating: "x", count: length)),
                scale: Int.random(in: 0...3, using: &random)
            )
            agent.state = ["idle", "running", "error", "building"][Int.random(in: 0...3, using: &random)]
            agent.statusText = String(repeating: "日本👩‍🚀e\u{301} ", count: length)
            agent.lastError = String(repeating: "\u{1B}[31mbad\t", count: length)
            agent.lastRunUsage = TokenUsage(input: .random(in: 0...9_999_999, using: &random))
            snapshot.status.agents.append(agent)
        }
        let size = TerminalSize(
            columns: .random(in: 10...250, using: &random),
            rows: .random(in: 5...60, using: &random)
        )
        var state = LiveState(facts: LiveSamples.facts, size: size)
        state.take(snapshot)
        let keys: [Key] = [
            .down, .up, .end, .pageDown, .character("?"), .escape, .character("/"), .character("a"), .enter,
            .character("k"), .character("n"), .character("日"),
        ]
        for _ in 0..<40 {
            _ = state.handle(keys[Int.random(in: keys.indices, using: &random)])
            let lines = LiveScreen(state: state, now: LiveSamples.now).lines
            #expect(lines.count == size.rows)
            #expect(lines.allSatisfy { $0.width <= size.columns })
        }
    }

    @Test("the selected agent is always in sight")
    func selectionInSight() throws {
        var snapshot = try LiveSamples.snapshot()
        snapshot.status.agents = try (0..<200).map { AgentStatus(name: try AgentName("agent-\($0)"), scale: 1) }
        var state = try LiveSamples.state(columns: 80, rows: 24)
        state.take(snapshot)
        for key in [Key.end, .pageUp, .up, .home, .pageDown, .down] {
            _ = state.handle(key)
            let selected = try #require(state.selected)
            #expect(LiveSamples.picture(state).contains { $0.hasPrefix("❯ \(selected)") })
        }
    }
}
