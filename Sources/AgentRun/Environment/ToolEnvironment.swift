import Domain

/// The variables that tools and scripts of a run see.
struct ToolEnvironment: Hashable, Sendable {
    private(set) var variables: [String: String]

    private static let hidden: Set<String> = [
        "AGENT_CONFIG", "PROMPT", "AL_PROMPT_FILE", "AL_PROMPT_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_OAUTH_TOKEN",
        "OPENAI_API_KEY", "GROQ_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY", "XAI_API_KEY", "MISTRAL_API_KEY",
        "OPENROUTER_API_KEY", "CUSTOM_API_KEY", "AL_AGENT_DIR", "AL_BIN_DIR", "AL_BROKER_CA", "AL_CHAT_MODE",
        "AL_CHAT_SESSION", "AL_CHAT_TOKEN",
    ]

    private static let quiet: KeyValuePairs<String, String> = [
        "PAGER": "cat", "GIT_PAGER": "cat", "MANPAGER": "cat", "GIT_EDITOR": "true", "EDITOR": "true", "TERM": "dumb",
        "NO_COLOR": "1", "DEBIAN_FRONTEND": "noninteractive", "PIP_PROGRESS_BAR": "off", "TQDM_DISABLE": "1",
        "CI": "true",
    ]

    /// Starts from the environment of the run and leaves out what is not for tools.
    ///
    /// - Parameters:
    ///   - environment: of the run's process.
    ///   - home: becomes `HOME`.
    ///   - commands: directory of the in-run commands; comes first on `PATH`.
    ///   - signals: becomes `AL_SIGNAL_DIR`.
    init(_ environment: [String: String], home: String, commands: String?, signals: String) {
        variables = environment.filter { !Self.isHidden($0.key) }
        let path = environment["PATH"] ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        variables["PATH"] = commands.map { "\($0):\(path)" } ?? path
        variables["HOME"] = home
        variables["AL_SIGNAL_DIR"] = signals
        for (name, value) in Self.quiet where variables[name] == nil { variables[name] = value }
    }

    /// Whether a variable is for the run alone.
    static func isHidden(_ name: String) -> Bool { hidden.contains(name) || name.hasPrefix("AL_SECRET_") }

    /// Sets a variable.
    mutating func set(_ name: String, _ value: String) { variables[name] = value }

    /// Lets git send `GITHUB_TOKEN` to GitHub, and to nobody else, when it wants a password over HTTPS.
    ///
    /// - Returns: whether there is a token.
    mutating func configureGitHTTPS() -> Bool {
        guard variables["GITHUB_TOKEN"]?.isEmpty == false else { return false }
        variables["GIT_TERMINAL_PROMPT"] = "0"
        let count = variables["GIT_CONFIG_COUNT"].flatMap(Int.init) ?? 0
        variables["GIT_CONFIG_KEY_\(count)"] = "credential.https://github.com.helper"
        variables["GIT_CONFIG_VALUE_\(count)"] =
            "!f() { echo username=x-access-token; echo password=$GITHUB_TOKEN; }; f"
        variables["GIT_CONFIG_COUNT"] = String(count + 1)
        return true
    }

    /// Sets who commits.
    mutating func configureGitIdentity(name: String?, email: String?) {
        for role in ["AUTHOR", "COMMITTER"] {
            if let name, !name.isEmpty { variables["GIT_\(role)_NAME"] = name }
            if let email, !email.isEmpty { variables["GIT_\(role)_EMAIL"] = email }
        }
    }

    /// Makes ssh of git use a key, without ever asking anybody, and where there is no network a way through the proxy.
    mutating func configureGitSSH(key: String, knownHosts: String, proxyCommand: String?) {
        // Not -i, which looks for the file before it replaces anything.
        variables["GIT_SSH_COMMAND"] =
            "ssh -o \("IdentityFile=\"\(Self.literal(key))\"".quotedForShell) -o StrictHostKeyChecking=accept-new "
            + "-o IdentitiesOnly=yes -o BatchMode=yes "
            + "-o \("UserKnownHostsFile=\"\(Self.literal(knownHosts))\"".quotedForShell)"
            + (proxyCommand.map { " -o \("ProxyCommand=\($0)".quotedForShell)" } ?? "")
    }

    /// A path as ssh takes it, which replaces `%h` and the like in some.
    private static func literal(_ path: String) -> String { path.replacing("%", with: "%%") }
}
