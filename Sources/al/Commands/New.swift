import ArgumentParser
import Credentials
import Domain
import Foundation
import Project
import Terminal

/// `al new`: makes a project.
struct New: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a new project.",
        discussion: """
            Example:
              al new my-project
              al new my-project --provider custom --base-url http://localhost:11434/v1 --model qwen3:8b --no-key --yes
            """
    )

    @Argument(help: "The project's directory, made in the current one.")
    var name: String

    @Option(name: .long, help: "anthropic, custom or scripted.")
    var provider: String?

    @Option(name: .long, help: "The model's id; for scripted the script's file name.")
    var model: String?

    @Option(name: .long, help: ArgumentHelp("The server's URL, with --provider custom.", valueName: "url"))
    var baseUrl: String?

    @Flag(name: .long, help: "Do not ask for a key.")
    var noKey = false

    @Flag(name: .long, help: "Ask nothing; take the defaults.")
    var yes = false

    private static let providers: [ModelProvider] = [.anthropic, .custom, .scripted]

    func run() async throws {
        let directory = URL(fileURLWithPath: name).standardizedFileURL.path
        guard !FileManager.default.fileExists(atPath: directory + "/config.toml") else {
            throw Failure("Error: \(directory)/config.toml exists: this is a project already. Nothing was changed.")
        }
        let prompt = Prompt(isHeadless: yes, environment: ProcessInfo.processInfo.environment)
        var config = ModelConfig(provider: try chooseProvider(prompt), model: "")
        config.model = try chooseModel(config.provider, prompt)
        if config.provider == .custom {
            config.baseURL =
                try baseUrl
                ?? prompt.text("Base URL", remedy: "--base-url") {
                    $0.hasPrefix("http") ? nil : "A URL like http://localhost:11434/v1."
                }
        }
        if config.provider == .anthropic { config.thinkingLevel = .medium }
        let key = try storeKey(for: config.provider, prompt)
        try ProjectScaffold(directory: directory, model: config).write()
        Console.output(
            """
            Provider:    \(config.provider.rawValue)
            Model:       \(config.model)
            Key:         \(key)
            Credentials: \(ProjectContext.defaultHome)/credentials
            Project:     \(directory)

            Next: cd \(name), make an agent in agents/<name>/ (docs/getting-started.md), then al doctor and al start
            """
        )
    }

    private func chooseProvider(_ prompt: Prompt) throws -> ModelProvider {
        if let provider {
            guard let known = ModelProvider(rawValue: provider), Self.providers.contains(known) else {
                let names = Self.providers.map(\.rawValue).joined(separator: ", ")
                throw Failure("Error: --provider \(provider) is not available; known: \(names).")
            }
            return known
        }
        if yes { return .anthropic }
        let labels = [
            "Anthropic Claude (recommended)", "An OpenAI-compatible server (Ollama, llama.cpp, vLLM, …)", "Scripted",
        ]
        return Self.providers[try prompt.choose("Model provider", among: labels, remedy: "--provider")]
    }

    private func chooseModel(_ provider: ModelProvider, _ prompt: Prompt) throws -> String {
        if let model { return model }
        let defaultModel: String? =
            switch provider {
            case .anthropic: "claude-sonnet-4-20250514"
            case .scripted: "script.yaml"
            default: nil
            }
        if yes, let defaultModel { return defaultModel }
        return try prompt.text("Model", remedy: "--model", defaultAnswer: defaultModel) {
            $0.isEmpty ? "The id of a model." : nil
        }
    }

    /// Stores the provider's key and says what happened to it.
    private func storeKey(for provider: ModelProvider, _ prompt: Prompt) throws -> String {
        guard let type = provider.credentialType, !noKey else { return "none" }
        let store = CredentialStore(home: ProjectContext.defaultHome)
        if try store.read(type: type, instance: "default") != nil { return "unchanged (\(type))" }
        if yes { return "none yet: al creds add \(type)" }
        let token = try prompt.secret("\(provider.rawValue) key (empty: later)", remedy: "--no-key")
        guard !token.isEmpty else { return "none yet: al creds add \(type)" }
        try store.write(type: type, instance: "default", fields: ["token": token])
        return "stored (\(type))"
    }
}
