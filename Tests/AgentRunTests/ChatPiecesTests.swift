import Credentials
import Domain
import Harness
import LanguageModels
import Serving
import TestSupport
import Testing

@testable import AgentRun

@Suite("The pieces of a chat's process", .timeLimit(.minutes(5)))
struct ChatPiecesTests {
    private static let secret = "s3cr3t-välue-🙂-0123456789"
    private let redaction = Credentials.Redactor([Secret(type: "t", field: "f", value: secret)])

    @Test("a secret is taken out of a text wherever its pieces are cut, and characters stay whole", arguments: 1...30)
    func streamed(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        let text = "Grüße 🙂: \(Self.secret), end é"
        var rest = Substring(text)
        var streamed = StreamedText(redaction)
        var said = ""
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...5, using: &random))
            rest = rest.dropFirst(piece.count)
            said += streamed.append(String(piece))
        }
        said += streamed.finish()
        #expect(said == "Grüße 🙂: [redacted:t.f], end é")
    }

    @Test("pieces that wait are one message, in order with what is between them, and none is too long")
    func outbox() async throws {
        let outbox = ChatOutbox(clock: TestClock())
        outbox.add(.assistantMessage("a", isDone: false))
        outbox.add(.assistantMessage("b", isDone: false))
        outbox.add(.heartbeat)
        outbox.add(.assistantMessage(String(repeating: "é", count: 10_000), isDone: true))
        #expect(await outbox.next() == .assistantMessage("ab", isDone: false))
        #expect(await outbox.next() == .heartbeat)
        var length = 0
        while case .assistantMessage(let text, let isDone)? = await outbox.next() {
            #expect(
                ChatReport.assistantMessage(text, isDone: isDone).json.compactText.utf8.count < ChatLimits.messageBytes
            )
            length += text.count
            if isDone { break }
        }
        #expect(length == 10_000)
    }

    @Test("a character that two messages share is whole when they are joined", arguments: 8185...8192)
    func sharedCharacter(_ length: Int) async {
        let outbox = ChatOutbox(clock: TestClock())
        let text = String(repeating: "x", count: length) + "e\u{301}👩‍👩‍👧\r\n🇦🇹 end"
        outbox.add(.assistantMessage(text, isDone: true))
        var joined = ""
        while case .assistantMessage(let piece, let isDone)? = await outbox.next() {
            joined += piece
            if isDone { break }
        }
        #expect(joined.unicodeScalars.elementsEqual(text.unicodeScalars))
    }

    @Test("what a tool gets and brings is shortened until a message can carry it")
    func long() async throws {
        let outbox = ChatOutbox(clock: TestClock())
        let reporter = ChatReporter(outbox, redaction: redaction)
        let output = String(repeating: "\u{1}", count: 100_000)
        reporter.report(
            .asked([
                .toolResult(
                    .init(callID: "1", toolName: "bash", content: [.text(output)], isError: false, timestamp: 0)
                )
            ])
        )
        let call = ToolCall(id: "2", name: "write", arguments: ["content": .string(Self.secret + output)])
        reporter.report(
            .replied(
                .init(
                    content: [.toolCall(call)],
                    provider: .scripted,
                    model: "m",
                    usage: TokenUsage(),
                    stop: .toolUse,
                    timestamp: 0
                )
            )
        )
        let result = try #require(await outbox.next())
        #expect(result.json.compactText.utf8.count < ChatLimits.messageBytes)
        guard case .toolStart(_, "write", let input)? = await outbox.next() else { Issue.record("no call"); return }
        #expect(input["content"]?.stringValue?.hasPrefix("[redacted:t.f]") == true)
        #expect(input.compactText.utf8.count < ChatLimits.messageBytes)
    }

    @Test(
        "the gateway of a chat is found by http only",
        arguments: [
            ("http://gateway:8080", "gateway", 8080), ("http://10.0.0.1", "10.0.0.1", 80), ("http://[::1]:9", "::1", 9),
        ]
    )
    func target(url: String, host: String, port: Int) throws {
        let variables = ["AL_CHAT_MODE": "1", "AL_CHAT_SESSION": "s", "AL_CHAT_TOKEN": "t", "GATEWAY_URL": url]
        let target = try #require(ChatAccess(variables)).target
        #expect(target == .init(host: host, port: port, path: "/chat/container/s"))
        #expect(ChatAccess(["GATEWAY_URL": url]) == nil)
        let other = try #require(ChatAccess(["AL_CHAT_MODE": "1", "GATEWAY_URL": "https://x"]))
        #expect(throws: RunFailure.self) { try other.target }
    }

    @Test("what makes a process a chat's is not for tools")
    func hidden() {
        let tools = ToolEnvironment(
            ["AL_CHAT_TOKEN": "t", "AL_CHAT_SESSION": "s", "AL_CHAT_MODE": "1"],
            home: "/",
            commands: nil,
            signals: "/s"
        )
        #expect(!tools.variables.keys.contains { $0.hasPrefix("AL_CHAT") })
    }
}
