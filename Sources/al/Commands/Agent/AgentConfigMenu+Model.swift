import Domain
import LanguageModels
import OrderedCollections
import Project
import Terminal

extension AgentConfigMenu {
    /// Lets the agent inherit the project's model or have its own.
    mutating func chooseModel() throws {
        let inherited = project.config.model.map { "Inherit the project's: \($0.provider.rawValue) \($0.model)" }
        let choices = [inherited ?? "Inherit (the project has no [model] yet)", "A model of its own"]
        let current = draft.model
        let start = current == nil ? 0 : 1
        guard try prompt.choose("Model", among: choices, remedy: "--inherit-model", defaultIndex: start) == 1 else {
            if current != nil { draft.model = nil }
            return
        }
        let questions = ModelQuestions(prompt: prompt)
        let provider = try questions.provider()
        let isSame = current?["provider"]?.stringValue == provider.rawValue
        // What belongs to another provider's model is no help for this one.
        var table = isSame ? current ?? .object(OrderedDictionary()) : .object(OrderedDictionary())
        table["provider"] = .string(provider.rawValue)
        table["model"] = .string(try questions.model(of: provider))
        if provider == .custom, table["baseUrl"] == nil { table["baseUrl"] = .string(try questions.baseURL()) }
        if provider != .scripted, table["authType"] == nil { table["authType"] = "api_key" }
        try askThinking(&table, provider)
        if table != current { draft.model = table }
    }

    private func askThinking(_ table: inout JSONValue, _ provider: ModelProvider) throws {
        let config = ModelConfig(provider: provider, model: table["model"]?.stringValue ?? "")
        guard provider != .scripted, ModelTable.info(for: config).canReason else {
            table["thinkingLevel"] = nil
            return
        }
        let levels = ThinkingLevel.allCases.map(\.rawValue)
        let current = table["thinkingLevel"]?.stringValue
        let start = current.flatMap(levels.firstIndex).map { $0 + 1 } ?? 0
        let choice = try prompt.choose(
            "Thinking",
            among: ["the provider's default"] + levels,
            remedy: "--thinking",
            defaultIndex: start
        )
        table["thinkingLevel"] = choice == 0 ? nil : .string(levels[choice - 1])
    }
}
