import Domain
import Foundation
import TestSupport
import Testing

@testable import LanguageModels

@Suite("A model behind a proxy", .timeLimit(.minutes(5)))
struct ProxyTests {
    private static let answer = MockModelServer.Answer(stream: [
        #"data: {"choices":[{"delta":{"content":"hello"},"finish_reason":"stop"}]}"# + "\n\ndata: [DONE]\n\n"
    ])

    /// Asks a model of a name that nobody can resolve; a proxy in between knows where it is.
    private func ask(
        _ environment: @escaping @Sendable (String) -> [String: String],
        refusal: String? = nil
    ) async throws -> (text: String?, error: ModelError?, proxy: [String], logins: [String]) {
        try await MockModelServer.run(.chat, answers: [Self.answer, Self.answer]) { server, base in
            let port = URLComponents(string: base)?.port ?? 0
            return try await ConnectProxy.run(target: port, refusal: refusal) { proxy, address in
                var config = ModelConfig(provider: .custom, model: "m")
                config.baseURL = "http://model.invalid/v1"
                let settings = ProxySettings(environment(address))
                let model = config
                let outcome = try await HTTPRoutes.with(settings, configuration: modelHTTPConfiguration()) { http in
                    let model = try makeLanguageModel(model, key: "secret-key-1", in: MockedModel.environment(http))
                    do {
                        let request = Samples.request([Samples.user("Go")])
                        return (Optional(try await model.reply(to: request, onEvent: { _ in }).text), ModelError?.none)
                    } catch let error as ModelError {
                        return (nil, error)
                    }
                }
                #expect(server.problems == [])
                return (outcome.0, outcome.1, proxy.requests, proxy.logins)
            }
        }
    }

    @Test("is asked through a tunnel; its name is resolved by the proxy")
    func tunnel() async throws {
        let result = try await ask { ["http_proxy": $0] }
        #expect(result.text == "hello")
        #expect(result.proxy == ["CONNECT model.invalid:80 HTTP/1.1"])
        #expect(result.logins == [])
    }

    @Test("gets the login that stands in the variable")
    func login() async throws {
        let result = try await ask { ["HTTP_PROXY": "http://me:pass@\($0)"] }
        #expect(result.text == "hello")
        #expect(result.logins == ["Basic bWU6cGFzcw=="])
    }

    @Test("is asked directly when NO_PROXY names it")
    func exception() async throws {
        let result = try await ask { ["http_proxy": $0, "no_proxy": "model.invalid"] }
        #expect(result.text == nil && result.error?.code == .transient)
        #expect(result.proxy == [])
    }

    @Test(
        "cannot be reached when the proxy refuses, and the error says so",
        arguments: [("403 Forbidden", "the proxy refused"), ("407 Proxy Authentication Required", "wants a login")]
    )
    func refused(_ status: String, _ words: String) async throws {
        let result = try await ask({ ["http_proxy": $0] }, refusal: status)
        #expect(result.error?.code == .transient)
        #expect(result.error?.message.contains(words) == true, "\(result.error?.message ?? "")")
    }
}
