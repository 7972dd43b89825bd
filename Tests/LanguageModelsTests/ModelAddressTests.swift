import Domain
import LanguageModels
import Testing

@Suite("Where a model is") struct ModelAddressTests {
    @Test(
        "The provider's own service, unless the configuration says another",
        arguments: [
            (.anthropic, nil, "api.anthropic.com", 443), (.groq, nil, "api.groq.com", 443),
            (.openai, "http://10.0.0.5:8000/v1", "10.0.0.5", 8000),
            (.custom, "http://LocalHost:11434", "localhost", 11434),
            (.custom, "http://models.example/v1", "models.example", 80),
        ] as [(ModelProvider, String?, String, Int)]
    )
    func address(provider: ModelProvider, base: String?, host: String, port: Int) throws {
        var config = ModelConfig(provider: provider, model: "m")
        config.baseURL = base
        let address = try #require(config.address)
        #expect(address.host == host && address.port == port)
    }

    @Test("Nothing is called by the scripted model, nor by a custom one without a URL")
    func none() {
        #expect(ModelConfig(provider: .scripted, model: "m.yaml").address == nil)
        #expect(ModelConfig(provider: .custom, model: "m").address == nil)
    }
}
