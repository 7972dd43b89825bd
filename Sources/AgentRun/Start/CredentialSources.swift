import Credentials
import Domain

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The places a run's credentials may come from; the first that has any wins.
struct CredentialSources: Sendable {
    /// What was found, and the directory that has it as files.
    struct Loaded: Sendable {
        var values: LoadedCredentials
        var directory: String
    }

    let config: AgentConfig
    let places: Places
    let environment: [String: String]
    let gateway: GatewayAccess?
    let log: RunLog

    /// Looks at the mounted directory, the variables and the gateway, in this order.
    ///
    /// - Throws: ``RunFailure`` when something cannot be read, or nobody has what the agent declares.
    func load() async throws -> Loaded {
        if let mounted = try mounted() {
            log.line(.info, "credentials loaded from volume")
            return Loaded(values: mounted, directory: places.credentials)
        }
        if let given = LoadedCredentials(variables: environment) {
            log.line(.info, "credentials loaded from env vars")
            return try stage(given)
        }
        guard !config.deliveredCredentials.isEmpty else {
            log.line(.info, "no credentials")
            return Loaded(values: LoadedCredentials(), directory: places.credentials)
        }
        if let found = try await gateway?.credentials().flatMap(LoadedCredentials.init(json:)) {
            log.line(.info, "credentials loaded from gateway")
            return try stage(found)
        }
        let names = config.deliveredCredentials.map(\.description).joined(separator: ", ")
        throw RunFailure(
            .credentials,
            "agent \(config.name) declares credentials (\(names)), but neither the directory \(places.credentials), nor "
                + "AL_SECRET_ variables, nor the gateway brought any. Run `al doctor`"
        )
    }

    private func mounted() throws(RunFailure) -> LoadedCredentials? {
        do {
            return try LoadedCredentials(directory: places.credentials)
        } catch {
            throw RunFailure(.credentials, "agent \(config.name), as uid \(getuid()): \(error)\(mode)")
        }
    }

    /// The rights of the mounted directory, for people; empty when they cannot be told.
    private var mode: String {
        var facts = stat()
        guard stat(places.credentials, &facts) == 0 else { return "" }
        let rights = String(facts.st_mode & 0o7777, radix: 8)
        return " (\(places.credentials) has mode \(rights) and belongs to uid \(facts.st_uid))"
    }

    /// Writes them where instructions that read files find them.
    private func stage(_ credentials: LoadedCredentials) throws(RunFailure) -> Loaded {
        let directory = "\(places.temporary)/.al/credentials"
        do {
            try credentials.write(to: directory)
        } catch {
            throw RunFailure(.credentials, "agent \(config.name): \(error)")
        }
        return Loaded(values: credentials, directory: directory)
    }
}

extension AgentConfig {
    /// What a run must have been brought: keys of models go another way, whether they are listed or not.
    var deliveredCredentials: [CredentialReference] {
        credentials.filter { CredentialCatalog.standard.type($0.type)?.exposure != .models }
    }
}
