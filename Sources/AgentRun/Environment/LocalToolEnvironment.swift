package import Credentials
package import Domain

/// The variables of tools that a person uses together with a model on their own machine, outside of any run (`al chat`).
package struct LocalToolEnvironment: Sendable {
    private var tools: ToolEnvironment

    /// Begins with the person's own environment, made quiet.
    ///
    /// - Parameters:
    ///   - environment: of this process.
    ///   - home: of the person.
    ///   - commands: directory that comes first on `PATH`.
    ///   - signals: where the in-run commands leave their files.
    package init(_ environment: [String: String], home: String, commands: String, signals: String) {
        tools = ToolEnvironment(environment, home: home, commands: commands, signals: signals)
    }

    /// Name → value.
    package var variables: [String: String] { tools.variables }

    /// Adds what a run of an agent gets by its credentials.
    ///
    /// - Parameters:
    ///   - config: the agent.
    ///   - credentials: what it declares.
    ///   - directory: where they are as files.
    ///   - scratch: a private directory; the key of git is written there.
    /// - Throws: when the key cannot be written.
    package mutating func equip(
        for config: AgentConfig,
        with credentials: LoadedCredentials,
        at directory: String,
        scratch: String
    ) throws {
        tools.set("AL_WORK_DIR", config.directory)
        tools.set("AL_CREDENTIALS_PATH", directory)
        for (name, value) in credentials.variables(for: config.credentials) { tools.set(name, value) }
        _ = tools.configureGitHTTPS()
        guard let reference = config.credentials.first(where: { $0.type == "git_ssh" }) else { return }
        let fields = credentials[reference] ?? [:]
        tools.configureGitIdentity(name: fields["username"], email: fields["email"])
        guard let key = fields["id_rsa"], !key.isEmpty else { return }
        let file = try SSHKeyFile(key: key, home: scratch)
        tools.configureGitSSH(key: file.path, knownHosts: file.knownHosts, proxyCommand: nil)
    }
}
