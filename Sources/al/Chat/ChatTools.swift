import AgentRun
import Credentials
import Domain
import Foundation
import Harness
import LanguageModels

/// Where the tools of a chat work, and with what.
struct ChatTools {
    let directory: String
    let variables: [String: String]
    /// What the agent's credentials give, a line each.
    let credentials: [String]
    private let redactor: Credentials.Redactor

    /// For the project, or with an agent's credentials staged in the scratch directory.
    ///
    /// - Throws: `CredentialError` when one is missing.
    init(_ subject: ChatSubject, context: ProjectContext, scratch: ChatScratch) throws {
        let environment = ProcessInfo.processInfo.environment
        var tools = LocalToolEnvironment(
            environment,
            home: environment["HOME"] ?? NSHomeDirectory(),
            commands: scratch.commands,
            signals: scratch.signals
        )
        // The tools of a chat can read the whole store, as they work on the machine.
        var secrets = context.store.secrets().secrets
        var notes: [String] = []
        if let agent = subject.agent {
            let staging = CredentialStaging(store: context.store, projectDirectory: scratch.directory)
            let staged = try staging.stage(agent, for: RunID(bits: 0), placeholder: { _ in nil }).map { $0 + "/mount" }
            let credentials = try staged.flatMap { try LoadedCredentials(directory: $0) } ?? LoadedCredentials()
            secrets += credentials.secrets + agent.writtenSecrets
            notes = credentials.notes(of: agent.credentials).map { "\($0.reference): \($0.context)" }
            let files = staged ?? scratch.directory + "/credentials"
            do {
                try tools.equip(for: agent, with: credentials, at: files, scratch: scratch.directory)
            } catch {
                throw Failure("Agent error: the key that git uses cannot be written to \(scratch.directory).")
            }
        }
        directory = subject.agent?.directory ?? context.directory
        redactor = Credentials.Redactor(secrets)
        credentials = notes
        variables = tools.variables
    }

    /// The tools' context; what lasts between their calls lasts as long as it.
    func context(scratch: ChatScratch, acceptsImages: Bool) -> ToolContext {
        let redactor = redactor
        return ToolContext(
            workingDirectory: directory,
            environment: variables,
            temporaryDirectory: scratch.directory + "/tmp",
            acceptsImages: acceptsImages,
            redact: { text in
                let result = redactor.redact(text)
                return (result.text, result.found.map { "\($0.type).\($0.field)" })
            },
            makeID: { RandomText.hex(bytes: 8) }
        )
    }

    /// Runs the tool servers of the chat's agent, as a run of it does, beside the body.
    ///
    /// - Throws: ``Failure`` when a server that is required does not come up, or what the body throws.
    func withServers<Result: Sendable>(
        of subject: ChatSubject,
        _ scratch: ChatScratch,
        warn: @escaping @Sendable (String) -> Void,
        _ body: @escaping @Sendable (MCPServers) async throws -> Result
    ) async throws -> Result {
        let servers: [MCPServerConfig] = subject.agent?.mcpServers ?? []
        let configs = servers.map { server in
            server.resolved(with: variables) { warn("Tool server \(server.name): the variable \($0) is not set.") }
        }
        do {
            return try await MCPServers.with(
                configs,
                context: context(scratch: scratch, acceptsImages: false),
                proxies: ProxySettings(ProcessInfo.processInfo.environment),
                clock: ContinuousClock(),
                version: Version.current,
                warn: { warn("Tool server \($0.server) is left out: \($0.text)") },
                body: body
            )
        } catch let error as MCPError {
            throw Failure("Agent error: tool server \(error.server): \(error.text)")
        }
    }
}
