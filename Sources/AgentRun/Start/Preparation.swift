import AgentCommands
import Credentials
import Domain
import Egress
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The steps of a run's start, from credentials to the first request.
struct Preparation: Sendable {
    let files: StaticFiles
    let places: Places
    private(set) var environment: [String: String]
    let system: RunSystem
    let reporter: RunReporter
    private let elapsed: @Sendable () -> Duration
    /// `nil` = the network is open.
    private let seal: Seal?

    private var log: RunLog { reporter.log }
    private var config: AgentConfig { files.config }
    private var isChat: Bool { ChatAccess(environment) != nil }

    init(
        files: StaticFiles,
        places: Places,
        environment: [String: String],
        system: RunSystem,
        reporter: RunReporter
    ) {
        self.files = files
        self.places = places
        self.environment = environment
        self.system = system
        self.reporter = reporter
        seal = Seal(environment)
        elapsed = system.clock.stopwatch()
    }

    /// Does the run's work, with the way out open as long as it takes where there is only one.
    ///
    /// - Throws: ``RunFailure`` when the run cannot be started, or `CancellationError`.
    func work(_ session: @escaping SessionRunner) async throws -> WorkEnd {
        guard let seal else { return try await work(session, proxyPort: nil) }
        return try await seal.bridge.serving(gatewayPort: seal.gatewayPort) { port in
            var inside = self
            inside.environment.merge(seal.variables(proxyPort: port)) { $1 }
            let trust = try TrustedCertificates.variables(environment, directory: "\(places.temporary)/.al")
            inside.environment.merge(trust) { $1 }
            return try await inside.work(session, proxyPort: port)
        }
    }

    private func work(_ session: SessionRunner, proxyPort: Int?) async throws -> WorkEnd {
        log.line(
            .info,
            "container starting",
            [
                "agentName": .string(config.name.rawValue), "modelId": .string(config.model.model),
                "gatewayUrl": environment["GATEWAY_URL"].map(JSONValue.string),
            ]
        )
        let prompt = try await PromptSource.read(environment)
        guard prompt != nil || files.skeleton != nil else {
            throw RunFailure(.prompt, "agent \(config.name): there is no prompt; the launcher must set PROMPT")
        }
        let gateway = await connect()
        if let seal, let proxyPort { try await seal.prove(proxyPort: proxyPort, agent: config.name, log: log) }
        let credentials = try await CredentialSources(
            config: config,
            places: places,
            environment: environment,
            gateway: gateway,
            log: log
        ).load()
        let keys = try await modelKeys(credentials.values, gateway)
        let redaction = redaction(credentials.values, keys)
        log.redact { redaction.redact($0).text }
        let tools = try toolEnvironment(credentials)
        scrub()
        try await Preflight(
            steps: config.preflight,
            context: PreflightContext(environment: tools.variables, directory: places.work, log: log)
        ).run()
        if let script = files.testScript, !isChat {
            return try await ScriptMode.run(script, places: places, environment: tools.variables, log: log)
        }
        let request = sessionRequest(prompt ?? "", credentials.values, keys, tools, redaction)
        return try await session(request, reporter)
    }

    private func connect() async -> GatewayAccess? {
        var base = environment["GATEWAY_URL"] ?? ""
        while base.hasSuffix("/") { base.removeLast() }
        guard !base.isEmpty else { return nil }
        let access = GatewayAccess(base: base, secret: environment["SHUTDOWN_SECRET"] ?? "", clock: system.clock)
        if await !access.waitUntilHealthy() {
            log.line(.warn, "gateway not reached, continuing without", ["gatewayUrl": .string(base)])
        }
        return access
    }

    /// The keys of the model and of those that stand in for it.
    private func modelKeys(
        _ credentials: LoadedCredentials,
        _ gateway: GatewayAccess?
    ) async throws -> [ModelProvider: String] {
        let providers = Set(config.models.map(\.provider))
        guard files.testScript == nil || isChat, providers.contains(where: { $0.credentialType != nil }) else {
            return [:]
        }
        var fetched: [String: String] = [:]
        var detail = "it was not delivered"
        switch await gateway?.modelKeys() {
        case .found(let keys): fetched = keys
        case .notHere, nil: break
        case .alreadyFetched: detail = "the gateway has handed it out already"
        case .refused(let status): detail = "the gateway answered HTTP \(status)"
        case .unreachable: detail = "the gateway was not reached"
        }
        var keys: [ModelProvider: String] = [:]
        for provider in providers {
            guard let type = provider.credentialType else { continue }
            let key = fetched[type] ?? credentials[CredentialReference(type: type)]?["token"] ?? ""
            guard key.isEmpty else {
                keys[provider] = key
                continue
            }
            guard provider == .custom else {
                throw RunFailure(
                    .modelKey,
                    "agent \(config.name): the key of the model (\(type)) is missing, \(detail). Run `al doctor`"
                )
            }
        }
        return keys
    }

    private func redaction(_ credentials: LoadedCredentials, _ keys: [ModelProvider: String]) -> Redactor {
        var secrets = credentials.secrets + config.writtenSecrets
        for (provider, key) in keys {
            guard let type = provider.credentialType else { continue }
            secrets.append(Secret(type: type, field: "token", value: key))
        }
        if let secret = environment["SHUTDOWN_SECRET"] {
            secrets.append(Secret(type: "gateway", field: "secret", value: secret))
        }
        if let chat = ChatAccess(environment) {
            secrets.append(Secret(type: "gateway", field: "chat", value: chat.token))
        }
        return Redactor(secrets)
    }

    private func toolEnvironment(_ sources: CredentialSources.Loaded) throws(RunFailure) -> ToolEnvironment {
        let credentials = sources.values
        var tools = ToolEnvironment(
            environment,
            home: places.home,
            commands: places.commands,
            signals: places.signals.path
        )
        tools.set("AL_WORK_DIR", places.work)
        tools.set("AL_CREDENTIALS_PATH", sources.directory)
        for reference in config.deliveredCredentials where credentials[reference] == nil {
            log.line(.warn, "credential \(reference) was not delivered", ["credential": .string("\(reference)")])
        }
        for (type, references) in Dictionary(grouping: config.credentials, by: \.type) where references.count > 1 {
            log.line(.warn, "several credentials of type \(type): the variables are those of the last")
        }
        for (name, value) in credentials.variables(for: config.credentials) { tools.set(name, value) }
        if tools.configureGitHTTPS() { log.line(.info, "git HTTPS credential helper configured") }
        try configureSSH(credentials, &tools)
        return tools
    }

    /// The key for git over SSH.
    private func sshKey(in credentials: LoadedCredentials) -> String? {
        let reference = config.credentials.first { $0.type == "git_ssh" }
        return reference.flatMap { credentials[$0]?["id_rsa"] }.flatMap { $0.isEmpty ? nil : $0 }
    }

    private func configureSSH(_ credentials: LoadedCredentials, _ tools: inout ToolEnvironment) throws(RunFailure) {
        guard let reference = config.credentials.first(where: { $0.type == "git_ssh" }) else { return }
        let fields = credentials[reference] ?? [:]
        tools.configureGitIdentity(name: fields["username"], email: fields["email"])
        guard let key = sshKey(in: credentials) else { return }
        let file = try SSHKeyFile(key: key, home: places.home)
        tools.configureGitSSH(
            key: file.path,
            knownHosts: file.knownHosts,
            proxyCommand: seal == nil ? nil : "\(places.commands ?? "/app/bin")/al _connect %h %p"
        )
        if files.isBaked, places.home != "/tmp" {
            // Old instructions name this path; where it is taken they find what is there.
            try? FileManager.default.createDirectory(atPath: "/tmp/.ssh", withIntermediateDirectories: true)
            try? FileManager.default.createSymbolicLink(atPath: "/tmp/.ssh/id_rsa", withDestinationPath: file.path)
        }
        log.line(.info, "SSH key configured for git")
    }

    private func scrub() {
        guard system.ownsProcess else { return }
        for name in environment.keys where ToolEnvironment.isHidden(name) { unsetenv(name) }
        if !Surroundings.closeToOthers() {
            log.line(.warn, "the process could not be closed to others of the same user")
        }
    }

    private func sessionRequest(
        _ trigger: String,
        _ credentials: LoadedCredentials,
        _ keys: [ModelProvider: String],
        _ tools: ToolEnvironment,
        _ redaction: Redactor
    ) -> SessionRequest {
        let date = String(system.now().formatted(.iso8601.year().month().day()))
        let path = tools.variables["AL_CREDENTIALS_PATH"] ?? places.credentials
        let facts = promptFacts(date, credentials, at: path)
        let limit = Duration.seconds(files.timeout)
        let isWhole = trigger.hasPrefix("<agent-config>")
        let skeleton = files.skeleton ?? UserPrompt.skeleton(facts)
        return SessionRequest(
            config: seal == nil ? reachableConfig() : config,
            instance: environment["AL_INSTANCE_ID"] ?? "",
            trigger: Trigger(kind: environment["AL_TRIGGER"], prompt: trigger),
            system: isChat ? ChatPrompt.text(facts) : SystemPrompt.text(facts),
            prompt: isWhole ? trigger : UserPrompt.text(skeleton: skeleton, trigger: trigger),
            modelKeys: keys,
            modelRelay: seal == nil ? nil : environment["GATEWAY_URL"].map { "\($0)/llm" },
            modelScripts: files.modelScripts,
            date: date,
            workingDirectory: places.work,
            temporaryDirectory: places.temporary,
            environment: tools.variables,
            signals: places.signals,
            costAllowance: environment["AL_COST_ALLOWANCE"].flatMap(Double.init),
            timeout: files.timeout,
            timeLeft: { [elapsed] in limit - elapsed() },
            redaction: redaction,
            redact: { text in
                let result = redaction.redact(text)
                return (result.text, result.found.map { "\($0.type).\($0.field)" })
            },
            machine: system
        )
    }

    private func reachableConfig() -> AgentConfig {
        var config = config
        config.model = reachable(config.model)
        config.fallbackModels = config.fallbackModels.map(reachable)
        return config
    }

    private func reachable(_ config: ModelConfig) -> ModelConfig {
        guard let model = LocalModelServer.reachable(config, gatewayURL: environment["GATEWAY_URL"]) else {
            return config
        }
        log.line(
            .info,
            "model server of the host machine",
            ["written": config.baseURL.map(JSONValue.string), "used": model.baseURL.map(JSONValue.string)]
        )
        return model
    }

    private func promptFacts(_ date: String, _ credentials: LoadedCredentials, at path: String) -> PromptFacts {
        var facts = PromptFacts(
            agent: config.name.rawValue,
            date: date,
            instructions: config.instructions,
            credentialsPath: path,
            isContainer: files.isBaked,
            workingDirectory: places.work,
            agentDirectory: files.directory,
            timeout: files.timeout,
            hasGateway: environment["GATEWAY_URL"]?.isEmpty == false
        )
        facts.params = config.params
        facts.writable = files.isBaked ? places.writable() : []
        facts.credentials = credentials.notes(of: config.credentials).map {
            .init(reference: $0.reference.description, context: $0.context)
        }
        facts.hasSSHKey = sshKey(in: credentials) != nil
        facts.lockTimeout = environment["AL_LOCK_TIMEOUT"].flatMap(Int.init) ?? facts.lockTimeout
        facts.maxCallDepth = environment["AL_MAX_CALL_DEPTH"].flatMap(Int.init) ?? facts.maxCallDepth
        facts.skills = files.directory.isEmpty ? [] : Skill.all(in: files.directory)
        facts.callable = PromptFacts.callable(environment["AL_CALLABLE_AGENTS"] ?? "")
        return facts
    }
}
