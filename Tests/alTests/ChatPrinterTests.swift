import Domain
import Foundation
import Harness
import LanguageModels
import Synchronization
import Terminal
import Testing

@testable import al

@Suite struct ChatPrinterTests {
    private final class Paper: Sendable {
        private let content = Mutex("")
        var text: String { content.withLock { $0 } }
        func write(_ text: String) { content.withLock { $0 += text } }
    }

    private func printed(columns: Int = 40, _ body: (ChatPrinter) -> Void) -> String {
        let paper = Paper()
        body(ChatPrinter(style: Style(isColoured: false), width: { columns }, write: { paper.write($0) }))
        return paper.text
    }

    private func reply(_ content: [Content]) -> AssistantMessage {
        AssistantMessage(
            content: content,
            provider: .scripted,
            model: "m",
            usage: TokenUsage(),
            stop: .stop,
            timestamp: 0
        )
    }

    @Test("text comes as it arrives, without what a terminal would obey")
    func streaming() {
        let text = printed { printer in
            printer.show(.asked([]))
            printer.show(.text("Hel"))
            printer.show(.text("lo\n\u{1B}[2Jwor"))
            printer.show(.text("ld and many more words than fit into a line"))
            printer.show(.replied(reply([.text("")])))
        }
        #expect(text == "…\r\u{1B}[KHello\nworld and many more words than fit into\na line\n")
    }

    @Test("a call shows what it does in one line, its result how it begins")
    func calls() {
        let call = ToolCall(id: "1", name: "bash", arguments: ["timeout": 5, "command": "ls -la\nwc -l"])
        let result = ToolResultMessage(
            callID: "1",
            toolName: "bash",
            content: [.text("one\n\u{1B}[31mtwo\n3\n4\n5\n6")],
            isError: false,
            timestamp: 0
        )
        let text = printed { printer in
            printer.show(.replied(reply([.toolCall(call)])))
            printer.result(result)
        }
        #expect(text == "▸ bash ls -la …\n  one\n  two\n  3\n  4\n  … 2 more lines\n")
    }

    @Test("lines are cut to the terminal")
    func narrow() {
        let call = ToolCall(id: "1", name: "read", arguments: ["path": "a/very/long/path/of/a/file.swift"])
        #expect(printed(columns: 20) { $0.call(call) } == "▸ read a/very/long…\n")
    }

    @Test(
        "a turn says how it ended, unless it just ended",
        arguments: [
            (.finished, ""), (.cancelled, "(stopped)\n"), (.modelFailed("no key", .auth), "no key\n"),
        ] as [(SessionResult.Outcome, String)]
    )
    func ends(outcome: SessionResult.Outcome, expected: String) async throws {
        var result = await ChatSamples.session(model: ChatSamples.model(replies: ["x"])).run()
        result.outcome = outcome
        result.usage = TokenUsage()
        let end = result
        #expect(printed { $0.end(end, seconds: 1) } == expected)
    }

    @Test("another model that takes over is named, with the reason")
    func fallback() {
        let error = ModelError(code: .overloaded, provider: .anthropic, model: "a", message: "busy")
        let change = ModelFallback(from: "anthropic/a", to: "openai/b", error: error)
        let text = printed(columns: 200) { $0.show(.modelFallback(change)) }
        #expect(text.contains("openai/b answers instead of anthropic/a: "))
        #expect(text.contains("busy"))
    }
}
