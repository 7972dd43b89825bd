import Domain
import Foundation
import NIOCore
import TestSupport

@testable import LanguageModels

/// A model of ours in front of a strict server.
enum MockedModel {
    /// Runs both for as long as the body runs.
    static func run<Result: Sendable>(
        _ config: ModelConfig,
        _ format: MockModelServer.Format,
        _ answers: [MockModelServer.Answer],
        key: String? = "secret-key-1",
        idle: TimeAmount = .seconds(300),
        proxies: ProxySettings = .direct,
        warn: @escaping @Sendable (String) -> Void = { _ in },
        body: @escaping @Sendable (any LanguageModel, MockModelServer) async throws -> Result
    ) async throws -> Result {
        try await MockModelServer.run(format, answers: answers) { server, base in
            var config = config
            config.baseURL = base
            let settled = config
            return try await HTTPRoutes.with(proxies, configuration: modelHTTPConfiguration(idle: idle)) { http in
                try await body(makeLanguageModel(settled, key: key, in: environment(http, warn: warn)), server)
            }
        }
    }

    static func environment(
        _ http: HTTPRoutes,
        warn: @escaping @Sendable (String) -> Void = { _ in }
    ) -> ModelEnvironment {
        ModelEnvironment(
            facts: Samples.facts(),
            conversation: "dev-0123abcd",
            http: http,
            clock: JumpingClock(),
            now: { Date(timeIntervalSince1970: 5) },
            random: { 7 },
            version: "1.2.3",
            warn: warn
        )
    }

    /// A configuration for each wire format.
    static func config(_ format: MockModelServer.Format) -> ModelConfig {
        switch format {
        case .anthropic: ModelConfig(provider: .anthropic, model: "claude-sonnet-4-5")
        case .chat: ModelConfig(provider: .custom, model: "m")
        case .responses: ModelConfig(provider: .openai, model: "gpt-5.2")
        case .google: ModelConfig(provider: .google, model: "gemini-3-flash-preview")
        case .mistral: ModelConfig(provider: .mistral, model: "magistral-medium-latest")
        }
    }

    /// The first failure of a request.
    static func failure(_ model: any LanguageModel) async -> ModelError? {
        do {
            _ = try await model.reply(to: Samples.request([Samples.user("Go")]), onEvent: { _ in })
            return nil
        } catch {
            return error as? ModelError
        }
    }
}
