import Domain
import Scheduler
import Terminal
import Testing

@testable import al

@Suite struct LiveStateTests {
    private func orders(_ keys: [Key], _ change: (inout LiveState) -> Void = { _ in }) throws -> [LiveAction] {
        var state = try LiveSamples.state(columns: 80, rows: 24)
        change(&state)
        return keys.compactMap { state.handle($0) }
    }

    private let dev = try? AgentName("dev")

    @Test("keys give orders for the selected agent")
    func orders() throws {
        let dev = try #require(dev)
        let reviewer = try AgentName("reviewer")
        #expect(try orders([.enter]) == [.open(dev)])
        #expect(try orders([.character("r")]) == [.run(dev)])
        #expect(try orders([.character(" ")]) == [.setEnabled(false, dev)])
        #expect(try orders([.down, .down, .character("r")]) == [.run(reviewer)])
        #expect(try orders([.end, .character(" ")]) == [.setEnabled(true, try AgentName("weekly-digest"))])
        #expect(try orders([.character("p")]) == [.setPaused(true)])
        #expect(try orders([.redraw]) == [.repaint])
    }

    @Test("keys behind Enter wait for the conversation and are no orders for the list")
    func opening() throws {
        let dev = try #require(dev)
        #expect(try orders([.enter, .character(" "), .character("r"), .character("p"), .down]) == [.open(dev)])
        #expect(try orders([.enter, .interrupt]) == [.open(dev), .stop])
        #expect(try orders([.enter, .escape, .character("r")]) == [.open(dev), .run(dev)])
        var state = try LiveSamples.state(columns: 80, rows: 24)
        _ = state.handle(.enter)
        #expect(state.opening == dev)
        state.endOpening(of: [dev])
        #expect(state.handle(.character("r")) == .run(dev))
    }

    @Test("killing and stopping ask first; anything but y is no")
    func questions() throws {
        let dev = try #require(dev)
        #expect(try orders([.character("k"), .character("y")]) == [.kill(dev)])
        #expect(try orders([.character("k"), .character("n")]).isEmpty)
        #expect(try orders([.character("k"), .enter]).isEmpty)
        #expect(try orders([.character("q"), .character("y")]) == [.stop])
        #expect(try orders([.character("q"), .escape]).isEmpty)
        var idle = try LiveSamples.state(columns: 80, rows: 24)
        _ = idle.handle(.end)
        _ = idle.handle(.character("k"))
        #expect(idle.question == nil)
        #expect(idle.notice?.plain == "weekly-digest is not running.")
    }

    @Test(
        "Ctrl+C stops, wherever it is pressed",
        arguments: [[], [.character("?")], [.character("/"), .character("x")], [.character("k")], [.character("a")]]
            as [[Key]]
    )
    func interrupt(before: [Key]) throws {
        #expect(try orders(before + [.interrupt]) == [.stop])
    }

    @Test("a filter narrows the list as it is typed, takes letters that are orders elsewhere, and moves the mark")
    func filter() throws {
        var state = try LiveSamples.state(columns: 80, rows: 24)
        for key in [Key.character("/"), .character("R"), .character("e"), .character("v")] {
            #expect(state.handle(key) == nil)
        }
        #expect(state.agents.map(\.name.rawValue) == ["reviewer"])
        #expect(state.selected?.rawValue == "reviewer")
        _ = state.handle(.enter)
        #expect(!state.isFiltering)
        #expect(state.handle(.character("r")) == .run(try AgentName("reviewer")))
        _ = state.handle(.escape)
        #expect(state.agents.count == 4)
        #expect(state.selected?.rawValue == "reviewer")
    }

    @Test("a filter that fits nothing leaves no agent to order about")
    func emptyFilter() throws {
        #expect(
            try orders([.character("/"), .character("z"), .character("z"), .enter, .enter, .character("r")]).isEmpty
        )
    }

    @Test("the mark goes to another agent when its own is gone")
    func goneAgent() throws {
        var state = try LiveSamples.state(columns: 80, rows: 24)
        _ = state.handle(.end)
        var snapshot = try LiveSamples.snapshot()
        snapshot.status.agents.removeLast()
        state.take(snapshot)
        #expect(state.selected == dev)
    }

    @Test("what came of an order is read for some seconds, or until the next key")
    func notices() throws {
        var state = try LiveSamples.state(columns: 80, rows: 24)
        state.notice = StyledText("done")
        for _ in 0..<8 { state.tick() }
        #expect(state.notice != nil)
        state.tick()
        #expect(state.notice == nil)
        state.notice = StyledText("done")
        _ = state.handle(.down)
        #expect(state.notice == nil)
    }

    @Test("while images are built only stopping is possible")
    func starting() throws {
        var state = LiveState(facts: LiveSamples.facts, size: TerminalSize(columns: 80, rows: 24))
        for key in [Key.enter, .character("r"), .character("k"), .character("p"), .down] {
            #expect(state.handle(key) == nil)
        }
        #expect(state.handle(.interrupt) == .stop)
    }

    @Test("a page follows its end until somebody scrolls up, and again from the end on")
    func following() throws {
        var state = try LiveSamples.state(columns: 40, rows: 10)
        let run = try #require(InstanceID("dev-0a1b2c3d"))
        state.open(run, (0..<20).map { StyledText("line \($0)") })
        #expect(state.page?.visible.last?.plain == "line 19")
        state.append([StyledText("line 20")], of: run)
        #expect(state.page?.visible.last?.plain == "line 20")
        _ = state.handle(.up)
        state.append([StyledText("line 21")], of: run)
        #expect(state.page?.visible.last?.plain == "line 19")
        #expect(state.page?.hidden.below == 2)
        _ = state.handle(.end)
        state.append([StyledText("line 22")], of: run)
        #expect(state.page?.visible.last?.plain == "line 22")
        _ = state.handle(.home)
        #expect(state.page?.visible.first?.plain == "line 0")
    }

    @Test("what comes for a conversation that is no longer open is left out")
    func closedConversation() throws {
        var state = try LiveSamples.state(columns: 40, rows: 10)
        let run = try #require(InstanceID("dev-0a1b2c3d"))
        state.open(run, [])
        _ = state.handle(.escape)
        state.append([StyledText("late")], of: run)
        #expect(state.page == nil)
        #expect(state.openRun == nil)
    }

    @Test("a narrower terminal wraps an open page anew and keeps its end in sight")
    func resizing() throws {
        var state = try LiveSamples.state(columns: 80, rows: 10)
        state.open(try #require(InstanceID("dev-0a1b2c3d")), [StyledText("one two three four five six seven eight")])
        #expect(state.page?.visible.count == 1)
        state.resize(TerminalSize(columns: 20, rows: 10))
        #expect(
            state.page?.visible.map(\.plain) == [
                "one two three four", "          five six", "          seven", "          eight",
            ]
        )
    }
}
