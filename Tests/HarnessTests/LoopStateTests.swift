import Domain
import LanguageModels
import Testing

@testable import Harness

struct LoopStateTests {
    private func reply(_ text: String, _ stop: StopReason, calls: [ToolCall] = [], tail: Bool = false)
        -> AssistantMessage
    {
        var content: [Content] = text.isEmpty ? [] : [.text(text)]
        content += calls.map { .toolCall($0) }
        if tail { content.append(.text("after")) }
        return AssistantMessage(
            content: content,
            provider: .scripted,
            model: "m",
            usage: TokenUsage(),
            stop: stop,
            timestamp: 0
        )
    }

    @Test("An empty reply is nudged once, the second ends the run")
    func empty() {
        var state = LoopState()
        guard case .say = state.onReply(reply(" ", .stop), answersTools: true) else {
            Issue.record("no nudge")
            return
        }
        #expect(state.onReply(reply("", .stop), answersTools: false) == .finish)
    }

    @Test("An empty reply after a note of the harness ends the run")
    func emptyLater() {
        var state = LoopState()
        #expect(state.onReply(reply("", .stop), answersTools: false) == .finish)
    }

    @Test("Calls run whatever the reply says about its end")
    func calls() {
        var state = LoopState()
        for stop in [StopReason.stop, .toolUse] {
            #expect(state.onReply(reply("", stop, calls: [call("x")]), answersTools: true) == .runTools(cutOff: []))
        }
    }

    @Test("Five pauses in a row are borne, the sixth is not; another reply starts the count again")
    func pauses() {
        var state = LoopState()
        for _ in 0..<5 { #expect(state.onReply(reply("", .pause), answersTools: true) == .askAgain) }
        _ = state.onReply(reply("", .toolUse, calls: [call("x")]), answersTools: true)
        for _ in 0..<5 { #expect(state.onReply(reply("", .pause), answersTools: true) == .askAgain) }
        guard case .fail = state.onReply(reply("", .pause), answersTools: true) else {
            Issue.record("sixth pause was borne")
            return
        }
    }

    @Test("The third reply in a row that is cut off fails the run")
    func cutOffs() {
        var state = LoopState()
        for _ in 0..<2 {
            guard case .say = state.onReply(reply("x", .length), answersTools: true) else {
                Issue.record("no note")
                return
            }
        }
        guard case .fail = state.onReply(reply("x", .length), answersTools: true) else {
            Issue.record("third was borne")
            return
        }
    }

    @Test("Of a reply that was cut off only calls run that are complete and followed by something")
    func incomplete() {
        let calls = [call("a"), call("b", isComplete: false), call("c")]
        var first = LoopState()
        #expect(first.onReply(reply("", .length, calls: calls), answersTools: true) == .runTools(cutOff: [1, 2]))
        var second = LoopState()
        let followed = reply("", .length, calls: calls, tail: true)
        #expect(second.onReply(followed, answersTools: true) == .runTools(cutOff: [1]))
    }

    @Test("A refusal fails the run with its text")
    func others() {
        var state = LoopState()
        #expect(
            state.onReply(reply("no way", .refusal), answersTools: true)
                == .fail("scripted/m refused to answer: no way")
        )
    }
}
