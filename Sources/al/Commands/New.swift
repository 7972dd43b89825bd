import ArgumentParser
import Credentials
import Domain
import Foundation
import LanguageModels
import Project
import Terminal

/// `al new`: makes a project.
struct New: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a new project.",
        discussion: """
            Asks for the model's provider, the model and its key. With --provider, --model, --auth and --yes it asks nothing; \
            the key must be stored then (al creds add), or left for later with --no-key.

            Examples:
              al new my-project
              al new my-project --provider openai --model gpt-4o --yes
              al new my-project --provider custom --base-url http://localhost:11434/v1 --model qwen3:8b --no-key --yes
            """
    )

    @Argument(help: "The project's directory, made in the current one.")
    var name: String

    @Option(name: .long, help: "anthropic, openai, groq, google, xai, mistral, openrouter, custom or scripted.")
    var provider: String?

    @Option(name: .long, help: "The model's id; for scripted the script's file name.")
    var model: String?

    @Option(name: .long, help: ArgumentHelp("The server's URL, with --provider custom.", valueName: "url"))
    var baseUrl: String?

    @Option(name: .long, help: ArgumentHelp("api_key, oauth_token or pi_auth.", valueName: "kind"))
    var auth: String?

    @Flag(name: .long, help: "Leave the key for later.")
    var noKey = false

    @Flag(name: .long, help: "Ask nothing; take the defaults.")
    var yes = false

    func run() async throws {
        let directory = try place()
        let environment = ProcessInfo.processInfo.environment
        let prompt = Prompt(isHeadless: yes, environment: environment)
        let flow = CredentialFlow.interactive(
            store: CredentialStore(home: ProjectContext.defaultHome),
            prompt: prompt,
            verifies: true
        )
        let questions = ModelQuestions(prompt: prompt)
        var config = ModelConfig(provider: .anthropic, model: "")
        var key = ""
        let keyQuestions = ModelKeyQuestions(flow: flow, wanted: try wantedAuth(), skips: noKey, asksNothing: yes)
        try await Wizard.run([
            {
                config.provider = try chosenProvider(questions); return provider == nil && !yes
            },
            {
                config.model = try chosenModel(config.provider, questions); return model == nil && !yes
            },
            {
                config.baseURL = try chosenURL(config.provider, questions);
                return config.baseURL != nil && baseUrl == nil
            },
            {
                let answer = try await keyQuestions.settle(config.provider)
                (config.authentication, key) = (answer.authentication, answer.key)
                return false
            },
        ])
        if config.provider == .anthropic { config.thinkingLevel = .medium }
        guard config.authentication != .oauthToken || config.provider == .anthropic else {
            throw Failure("Configuration error: --auth oauth_token works with anthropic only", code: "model.auth-type")
        }
        try ProjectScaffold(directory: directory, model: config).write()
        summarise(directory, config, key)
    }

    /// Where the project shall stand, checked before anything is asked.
    private func place() throws -> String {
        let last = name.split(separator: "/", omittingEmptySubsequences: true).last ?? ""
        guard !last.isEmpty, last != ".", last != ".." else {
            throw Failure("Error: `\(name)` cannot be a project's name.", code: "project.badName")
        }
        let files = FileManager.default
        let directory = URL(fileURLWithPath: name).standardizedFileURL.path
        guard !files.fileExists(atPath: directory + "/config.toml") else {
            throw Failure(
                "Error: \(directory)/config.toml exists: this is a project already. Nothing was changed.",
                code: "project.exists"
            )
        }
        var parent = directory
        while !files.fileExists(atPath: parent) {
            parent = URL(fileURLWithPath: parent).deletingLastPathComponent().path
        }
        guard files.isWritableFile(atPath: parent) else {
            throw Failure("Error: \(parent) is not writable.", code: "project.notWritable")
        }
        return directory
    }

    private func wantedAuth() throws -> ModelAuthentication? {
        guard let auth else { return nil }
        guard let kind = ModelAuthentication(rawValue: auth) else {
            throw Failure("Error: --auth \(auth) is unknown (api_key, oauth_token, pi_auth)", code: "usage")
        }
        return kind
    }

    private func chosenProvider(_ questions: ModelQuestions) throws -> ModelProvider {
        if let provider { return try ModelQuestions.provider(named: provider) }
        return yes ? .anthropic : try questions.provider()
    }

    private func chosenModel(_ provider: ModelProvider, _ questions: ModelQuestions) throws -> String {
        if let model { return model }
        if yes, let proposal = ModelTable.proposal(for: provider) { return proposal }
        return try questions.model(of: provider)
    }

    private func chosenURL(_ provider: ModelProvider, _ questions: ModelQuestions) throws -> String? {
        if let baseUrl {
            if let problem = ModelQuestions.problem(withBaseURL: baseUrl) {
                throw Failure("Error: --base-url: \(problem)", code: "usage")
            }
            return baseUrl
        }
        return provider == .custom ? try questions.baseURL() : nil
    }

    private func summarise(_ directory: String, _ config: ModelConfig, _ key: String) {
        Console.output(
            """
            Provider:    \(config.provider.rawValue)
            Model:       \(config.model)
            Key:         \(key)
            Credentials: \(ProjectContext.defaultHome)/credentials
            Project:     \(directory)

            Next:
              cd \(name.quotedForShell)
              al agent new
              al doctor
              al start
            """
        )
    }
}
