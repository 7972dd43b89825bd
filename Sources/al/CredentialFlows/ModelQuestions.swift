import Credentials
import Domain
import LanguageModels
import Project
import Terminal

/// Asks which model to use; every question has a flag.
struct ModelQuestions {
    let prompt: Prompt

    private static let labels: [ModelProvider: String] = [
        .anthropic: "Anthropic Claude (recommended)", .openai: "OpenAI", .groq: "Groq", .google: "Google Gemini",
        .xai: "xAI Grok", .mistral: "Mistral", .openrouter: "OpenRouter",
        .custom: "Another server with an OpenAI-compatible API (Ollama, llama.cpp, vLLM, …)",
        .scripted: "Scripted: plays a file, no account needed",
    ]

    /// Asks for the provider.
    func provider() throws -> ModelProvider {
        let all = ModelProvider.allCases
        let labels = all.map { Self.labels[$0] ?? $0.rawValue }
        return all[try prompt.choose("Model provider", among: labels, remedy: "--provider")]
    }

    /// Reads `--provider`.
    static func provider(named name: String) throws -> ModelProvider {
        if let provider = ModelProvider(rawValue: name) { return provider }
        let names = ModelProvider.allCases.map(\.rawValue)
        let hint = Suggestion.nearest(to: name, among: names).map { " — did you mean \($0)?" } ?? ""
        throw Failure("Error: unknown provider `\(name)`\(hint) Known: \(names.joined(separator: ", "))", code: "usage")
    }

    /// Asks for the model: one of the known ones, or another.
    func model(of provider: ModelProvider) throws -> String {
        let proposal = ModelTable.proposal(for: provider)
        var known = ModelTable.choices(of: provider)
        if let proposal, provider != .scripted, !known.contains(proposal) { known.append(proposal) }
        guard !known.isEmpty else { return try typedModel(proposal) }
        let labels = known.map { $0 == proposal ? "\($0) (default)" : $0 } + ["other…"]
        let start = proposal.flatMap(known.firstIndex) ?? 0
        let choice = try prompt.choose("Model", among: labels, remedy: "--model", defaultIndex: start)
        return choice < known.count ? known[choice] : try typedModel(nil)
    }

    private func typedModel(_ proposal: String?) throws -> String {
        try prompt.text("Model id", remedy: "--model", defaultAnswer: proposal) {
            $0.isEmpty ? "The id of a model, as the provider writes it." : nil
        }
    }

    /// Asks for the server of a `custom` model.
    func baseURL() throws -> String {
        try prompt.text("Base URL", remedy: "--base-url") { Self.problem(withBaseURL: $0) }
    }

    /// A sentence when a text is no server's URL.
    static func problem(withBaseURL text: String) -> String? {
        WebAddress.isValid(text) ? nil : "A URL like http://localhost:11434/v1."
    }
}
