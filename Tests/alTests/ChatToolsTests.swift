import Domain
import Foundation
import Harness
import LanguageModels
import Synchronization
import TestSupport
import Testing

@testable import al

@Suite(
    "Tool servers of al chat",
    .timeLimit(.minutes(5)),
    .enabled(if: WordServer.isPossible, "python3")
)
struct ChatToolsTests {
    /// The tools of a chat with an agent that has these servers, and what was warned of.
    private func tools(_ servers: [MCPServerConfig]) async throws -> (tools: [ToolDefinition], warnings: [String]) {
        let root = NSTemporaryDirectory() + "al-chat-tools-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        let scratch = try ChatScratch()
        defer {
            scratch.remove()
            try? FileManager.default.removeItem(atPath: root)
        }
        var agent = AgentConfig(name: try AgentName("dev"), model: ModelConfig(provider: .scripted, model: "m.yaml"))
        agent.directory = root
        agent.mcpServers = servers
        let subject = ChatSubject.agent(agent)
        let context = try ProjectContext(directory: root, home: root + "/home", environment: nil)
        let tools = try ChatTools(subject, context: context, scratch: scratch)
        let warnings = Warnings()
        let found = try await tools.withServers(of: subject, scratch, warn: { warnings.add($0) }) { servers in
            servers.registry().tools.map(\.definition)
        }
        return (found, warnings.all)
    }

    private final class Warnings: Sendable {
        private let box = Mutex<[String]>([])
        var all: [String] { box.withLock { $0 } }
        func add(_ text: String) { box.withLock { $0.append(text) } }
    }

    private func server(_ command: [String], word: String = "", required: Bool = true) -> MCPServerConfig {
        let transport = MCPServerConfig.Transport.stdio(command: command, environment: ["WORD": word], directory: nil)
        var server = MCPServerConfig(name: "words", transport: transport)
        server.isRequired = required
        return server
    }

    @Test("the servers of the agent give their tools, with the variables of the chat in their values")
    func started() async throws {
        let (tools, warnings) = try await tools([
            server(WordServer.command, word: "<${AL_WORK_DIR}${AL_NOT_SET_ANYWHERE}>")
        ])
        #expect(tools.last?.name == "mcp__words__word")
        #expect(tools.last?.description.contains("/al-chat-tools-") == true)
        #expect(warnings == ["Tool server words: the variable AL_NOT_SET_ANYWHERE is not set."])
    }

    @Test("one that does not start is left out with a warning, or ends the chat before it begins if it is required")
    func broken() async throws {
        let (tools, warnings) = try await tools([server(["/nowhere/at/all"], required: false)])
        #expect(!tools.contains { $0.name.hasPrefix("mcp__") })
        #expect(warnings.first?.hasPrefix("Tool server words is left out") == true)
        let failure = await #expect(throws: Failure.self) { _ = try await self.tools([server(["/nowhere/at/all"])]) }
        #expect(failure?.text.contains("tool server words") == true)
    }
}
