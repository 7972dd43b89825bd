import Domain
import Harness
import LanguageModels
import Synchronization
import Testing

@testable import al

@Suite(.timeLimit(.minutes(5))) struct TappedModelTests {
    private func roles(_ messages: [Message]) -> [String] {
        messages.map { message in
            switch message {
            case .user: "user"
            case .assistant: "assistant"
            case .toolResult: "tool"
            }
        }
    }

    @Test("the conversation of one turn is the history of the next")
    func turns() async {
        let model = ChatSamples.model(replies: ["!tool", "done", "again"])
        let first = TappedModel(model, history: []) { _ in }
        _ = await ChatSamples.session(model: first).run()
        #expect(roles(first.conversation) == ["user", "assistant", "tool", "assistant"])
        let second = TappedModel(model, history: first.conversation) { _ in }
        _ = await ChatSamples.session(model: second, prompt: "more", history: first.conversation).run()
        #expect(roles(second.conversation) == ["user", "assistant", "tool", "assistant", "user", "assistant"])
    }

    @Test("what is new to the model is told once, the results of tools among it")
    func news() async {
        let told = Mutex<[[String]]>([])
        let tap = TappedModel(ChatSamples.model(replies: ["!tool", "done"]), history: []) { event in
            if case .asked(let news) = event { told.withLock { $0.append(self.roles(news)) } }
        }
        _ = await ChatSamples.session(model: tap).run()
        #expect(told.withLock { $0 } == [["user"], ["assistant", "tool"]])
    }

    @Test("a call without its answer is left out, so that the conversation can go on")
    func unanswered() async throws {
        let tap = TappedModel(ChatSamples.model(replies: ["!tool"]), history: []) { _ in }
        let request = ModelRequest(system: "", messages: [.user(UserMessage([.text("hi")], timestamp: 0))], tools: [])
        _ = try await tap.reply(to: request) { _ in }
        #expect(roles(tap.conversation) == ["user"])
    }
}
