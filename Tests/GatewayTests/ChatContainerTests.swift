import AgentRun
import Domain
import Foundation
import Testing

@testable import Gateway

@Suite("A chat's process and a real gateway", .timeLimit(.minutes(5)))
struct ChatContainerTests {
    private static let script = """
        turns:
          - text: Looking.
            calls: [ bash: "echo hello; echo $AL_CHAT_TOKEN" ]
          - expect: hello
            text: All done.
          - calls: [ bash: "sleep 600" ]
          - text: never
        """

    /// The process of a chat, without a container around it.
    private func run(session: String, port: Int, script: String, lines: Shared<[String]>) async throws -> Int32 {
        let root = NSTemporaryDirectory() + "al-chat-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        for name in ["agent", "work", "tmp", "home"] {
            try FileManager.default.createDirectory(atPath: "\(root)/\(name)", withIntermediateDirectories: true)
        }
        try script.write(toFile: "\(root)/agent/script.yaml", atomically: true, encoding: .utf8)
        let config: JSONValue = [
            "name": "dev", "model": ["provider": "scripted", "model": "script.yaml"], "_agentsMd": "Do it.",
        ]
        var system = RunSystem(
            clock: ContinuousClock(),
            now: { Date() },
            random: { .random(in: .min ... .max) },
            output: { line in lines.change { $0.append(line) } },
            signals: AsyncStream { _ in },
            exit: { _ in }
        )
        system.ownsProcess = false
        let environment = [
            "AGENT_CONFIG": config.compactText, "AL_AGENT_DIR": "\(root)/agent", "AL_WORK_DIR": "\(root)/work",
            "TMPDIR": "\(root)/tmp", "HOME": "\(root)/home", "AL_SIGNAL_DIR": "\(root)/tmp/signals",
            "AL_CREDENTIALS_PATH": "\(root)/credentials", "AL_TRIGGER": "manual", "AL_INSTANCE_ID": session,
            "PROMPT": "",
            "TIMEOUT_SECONDS": "1", "PATH": "/usr/local/bin:/usr/bin:/bin", "GATEWAY_URL": "http://127.0.0.1:\(port)",
            "AL_CHAT_MODE": "1", "AL_CHAT_SESSION": session, "AL_CHAT_TOKEN": FakeChats.token,
        ]
        return await AgentRun.main(environment: environment, system: system)
    }

    /// A gateway with an open chat, its process and a browser, until the body is done; then the process has ended by itself.
    private func talking(
        _ script: String = script,
        _ body: @escaping @Sendable (ChatClient, _ clear: @Sendable () async throws -> Void) async throws -> Void
    ) async throws -> [String] {
        var bench = Bench()
        bench.clock = ContinuousClock()
        let lines = Shared<[String]>([])
        try await serving(bench) { port async throws -> Void in
            let id = try await ChatCalls.open(port)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let code = try await run(session: id, port: port, script: script, lines: lines)
                    #expect(code == 0)
                }
                try await ChatClient.with(port, "/chat/ws/\(id)") { browser in
                    #expect(await browser.hear(state: "ready") != nil)
                    try await body(browser) { _ = try await ChatCalls.call(port, "POST", "/\(id)/clear") }
                    browser.say(["type": "shutdown"])
                    _ = await browser.end()
                }
                try await group.waitForAll()
            }
        }
        return lines.value
    }

    @Test("a message is answered with text and tools, and the next one goes on from there; the token stays hidden")
    func conversation() async throws {
        let log = try await talking { browser, _ in
            browser.say(["type": "user_message", "text": "Look around"])
            let start = try #require(await browser.hear(type: "tool_start"))
            #expect(start["input"]?["command"] == "echo hello; echo $AL_CHAT_TOKEN")
            let result = try #require(await browser.hear(type: "tool_result"))
            #expect(result["id"] == start["id"])
            #expect(result["output"]?.stringValue?.hasPrefix("hello") == true)
            _ = await browser.hear { $0["done"]?.boolValue == true }
            let text = browser.views.filter { $0["type"] == "assistant_message" }.compactMap { $0["text"]?.stringValue }
            #expect(text.joined() == "Looking.All done.")
            browser.forget()
            browser.say(["type": "user_message", "text": "Wait"])
            _ = await browser.hear(type: "tool_start")
            browser.say(["type": "cancel"])
            _ = await browser.hear { $0["done"]?.boolValue == true }
            #expect(await browser.hear(type: "error")?["message"] == "The answer was stopped.")
        }
        let text = log.joined()
        #expect(text.contains("chat opened") && text.contains("chat closed"))
        #expect(text.contains("turn-usage"))
        #expect(!text.contains(#""msg":"message""#))
        #expect(!text.contains(FakeChats.token))
    }

    @Test("clear ends the answer and what was shown, and the agent goes on with the next message")
    func clear() async throws {
        let script = "turns:\n  - calls: [ bash: 'sleep 600' ]\n  - text: again\n"
        _ = try await talking(script) { browser, clear in
            browser.say(["type": "user_message", "text": "Wait"])
            _ = await browser.hear(type: "tool_start")
            browser.forget()
            try await clear()
            #expect(await browser.hear { $0["fresh"]?.boolValue == true } != nil)
            #expect(await browser.hear(state: "ready") != nil)
            browser.say(["type": "user_message", "text": "Once more"])
            _ = await browser.hear { $0["done"]?.boolValue == true }
        }
    }
}
