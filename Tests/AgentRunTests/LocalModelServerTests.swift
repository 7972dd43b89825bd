import Domain
import Testing

@testable import AgentRun

@Suite("Model servers on the host machine")
struct LocalModelServerTests {
    @Test(
        "A loopback URL is rewritten where the run sits in a container",
        arguments: [
            ("http://localhost:11434/v1", "http://gateway:11434/v1"), ("http://127.0.0.1:8080", "http://gateway:8080"),
            ("http://LOCALHOST/v1", "http://gateway/v1"), ("http://[::1]:8000/v1", "http://gateway:8000/v1"),
            ("https://models.example.com/v1", nil), ("http://localhost.example.com/v1", nil), ("no url", nil),
        ] as [(String, String?)]
    )
    func container(written: String, used: String?) {
        var config = ModelConfig(provider: .custom, model: "m")
        config.baseURL = written
        let reachable = LocalModelServer.reachable(config, gatewayURL: "http://gateway:8080")
        #expect(reachable?.baseURL == used)
    }

    @Test(
        "Elsewhere, and for other providers, it stays as written",
        arguments: [
            (ModelProvider.custom, "http://127.0.0.1:8080"), (.custom, nil), (.openai, "http://gateway:8080"),
        ] as [(ModelProvider, String?)]
    )
    func elsewhere(provider: ModelProvider, gateway: String?) {
        var config = ModelConfig(provider: provider, model: "m")
        config.baseURL = "http://localhost:1/v1"
        #expect(LocalModelServer.reachable(config, gatewayURL: gateway) == nil)
    }
}
