import Domain
import Foundation
import Harness
import LanguageModels
import Project
import TestSupport
import Testing

@testable import al

@Suite("What a chat is made of", .timeLimit(.minutes(5)))
struct ChatModelsTests {
    private func withContext<Result>(_ body: (ProjectContext, String) async throws -> Result) async throws -> Result {
        let root = NSTemporaryDirectory() + "al-chat-models-\(UUID().uuidString)"
        let files = FileManager.default
        try files.createDirectory(
            atPath: root + "/home/credentials/github_token/default",
            withIntermediateDirectories: true
        )
        defer { try? files.removeItem(atPath: root) }
        try "ghp_neverToBeSeen1".write(
            toFile: root + "/home/credentials/github_token/default/token",
            atomically: true,
            encoding: .utf8
        )
        return try await body(try ProjectContext(directory: root, home: root + "/home", environment: nil), root)
    }

    @Test("another model of the same provider is asked where and as the one before")
    func sameProvider() async throws {
        var current = ModelConfig(provider: .custom, model: "qwen3:8b")
        current.baseURL = "http://127.0.0.1:11434/v1"
        current.authentication = .piAuth
        current.headers = ["x-team": "one"]
        current.thinkingLevel = .low
        current.contextWindow = 40_000
        let config = current
        let (next, other) = try await withContext { context, _ in
            try await HTTPRoutes.with(.direct) { http in
                let models = ChatModels(
                    context: context,
                    agent: AgentConfig(name: try AgentName("chat"), model: config),
                    named: [:],
                    http: http,
                    warn: { _ in }
                )
                let info = ModelTable.info(for: config)
                return (
                    try models.config(named: "qwen3:14b", now: info, of: [config]),
                    try models.config(named: "openai/gpt-5.2", now: info, of: [config])
                )
            }
        }
        var expected = config
        expected.model = "qwen3:14b"
        expected.contextWindow = nil
        #expect(next == expected)
        #expect(other == ModelConfig(provider: .openai, model: "gpt-5.2"))
    }

    @Test("what is stored is hidden in a chat about the project too")
    func redacts() async throws {
        try await withContext { context, _ in
            let scratch = try ChatScratch()
            defer { scratch.remove() }
            let tools = try ChatTools(.project(try context.load()), context: context, scratch: scratch)
            let place = tools.context(scratch: scratch, acceptsImages: false)
            let (text, names) = place.redact("token: ghp_neverToBeSeen1")
            #expect(!text.contains("neverToBeSeen") && names == ["github_token.token"])
        }
    }
}
