import Crypto
import Domain
import FoundationEssentials
import Harness
import LanguageModels
import NIOCore
import OrderedCollections

/// The session of an ordinary run: the configured model and the standard tools.
enum HarnessSession {
    /// What a session is made of, besides its messages.
    struct Parts: Sendable {
        let model: any LanguageModel
        let servers: MCPServers
    }

    static func run(_ request: SessionRequest, _ reporter: RunReporter) async throws -> WorkEnd {
        let result = try await with(request, reporter.log) { parts in
            reporter.log.line(.info, "session created, sending prompt")
            let result = await session(request, parts, reporter).run()
            reporter.sessionEnded(result)
            return result
        }
        reporter.log.line(.info, "prompt returned", ["eventCount": .int(reporter.eventCount)])
        return try end(result, reporter.log)
    }

    /// Makes the model, and keeps the agent's tool servers running beside the body.
    ///
    /// - Throws: ``RunFailure`` when something cannot be made or the body fails, or `CancellationError`.
    static func with<Result: Sendable>(
        _ request: SessionRequest,
        _ log: RunLog,
        _ body: @escaping @Sendable (Parts) async throws -> Result
    ) async throws -> Result {
        log.line(
            .info,
            "creating agent session",
            [
                "model": .string("\(request.config.model.provider.rawValue)/\(request.config.model.model)"),
                "thinking": request.config.model.thinkingLevel.map { .string($0.rawValue) },
            ]
        )
        do {
            let proxies = ProxySettings(request.environment)
            return try await HTTPRoutes.with(proxies, configuration: modelHTTPConfiguration()) { http in
                let model = try self.model(request, http, log)
                return try await withServers(request, model, proxies, log, body)
            }
        } catch let failure as RunFailure {
            throw failure
        } catch {
            try Task.checkCancellation()
            let text = (error as? ModelError)?.message ?? "\(error)"
            throw RunFailure(.configuration, "agent \(request.config.name): \(text)")
        }
    }

    private static func withServers<Result: Sendable>(
        _ request: SessionRequest,
        _ model: any LanguageModel,
        _ proxies: ProxySettings,
        _ log: RunLog,
        _ body: @escaping @Sendable (Parts) async throws -> Result
    ) async throws -> Result {
        try await MCPServers.with(
            request.config.mcpServers.map { server in
                server.resolved(with: request.environment) { variable in
                    log.line(
                        .warn,
                        "tool server variable \(variable) is not set",
                        ["server": .string(server.name), "variable": .string(variable)]
                    )
                }
            },
            context: context(request, model),
            proxies: proxies,
            clock: request.machine.clock,
            version: request.machine.version,
            warn: { error in
                let fields: KeyValuePairs<String, JSONValue?> = [
                    "server": .string(error.server), "error": .string(error.text),
                ]
                log.line(.warn, "tool server left out", fields)
            },
            body: { try await body(Parts(model: model, servers: $0)) }
        )
    }

    private static func model(
        _ request: SessionRequest,
        _ http: HTTPRoutes,
        _ log: RunLog
    ) throws -> any LanguageModel {
        let machine = request.machine
        let environment = ModelEnvironment(
            facts: ScriptFacts(
                agent: request.config.name.rawValue,
                trigger: request.trigger,
                params: request.config.params,
                date: request.date,
                scriptPaths: request.modelScripts
            ),
            conversation: request.instance,
            http: http,
            clock: machine.clock,
            now: machine.now,
            random: machine.random,
            version: machine.version,
            relay: request.modelRelay,
            warn: { log.line(.warn, $0) }
        )
        let chain = request.config.models
        for config in chain {
            if let note = config.thinkingNote { log.line(.info, note, ["model": .string(config.model)]) }
        }
        return try makeLanguageModel(chain: chain, keys: request.modelKeys, in: environment)
    }

    /// Where the tools of one session work; what lasts between their calls lasts as long as it.
    static func context(_ request: SessionRequest, _ model: any LanguageModel) -> ToolContext {
        let machine = request.machine
        return ToolContext(
            workingDirectory: request.workingDirectory,
            environment: request.environment,
            temporaryDirectory: request.temporaryDirectory,
            acceptsImages: model.info.acceptsImages,
            redact: request.redact,
            makeID: { machine.makeID() }
        )
    }

    private static func session(
        _ request: SessionRequest,
        _ parts: Parts,
        _ reporter: RunReporter
    ) -> Session {
        let machine = request.machine
        return Session(
            model: parts.model,
            tools: parts.servers.registry(),
            newTools: { await parts.servers.changedRegistry() },
            context: context(request, parts.model),
            system: request.system,
            prompt: request.prompt,
            limits: limits(request),
            header: header(request, parts.model.info),
            clock: machine.clock,
            now: machine.now,
            random: { machine.unitRandom() },
            timeLeft: request.timeLeft,
            timeLimit: .seconds(request.timeout),
            stopRequested: { RunSignals.asksToStop(request.signals) },
            onEvent: { reporter.report($0) }
        )
    }

    /// The agent's limits; of the day's budgets only what the scheduler says is left of them.
    private static func limits(_ request: SessionRequest) -> RunLimits {
        var limits = request.config.limits
        limits.maxCostPerDay = request.costAllowance
        return limits
    }

    /// What the transcript's first line says beside system text and tools: everything a replay needs to go the same way.
    private static func header(_ request: SessionRequest, _ info: ModelInfo) -> JSONValue {
        let config = request.config
        let model: JSONValue = .object([
            "provider": .string(info.provider.rawValue), "model": .string(info.id),
            "thinkingLevel": config.model.thinkingLevel.map { .string($0.rawValue) },
            "contextWindow": .int(info.contextWindow), "maxTokens": .int(info.maxOutputTokens),
            "images": .bool(info.acceptsImages), "price": info.price.map(price),
        ])
        let hash = SHA256.hash(data: Data(config.json.compactText.utf8)).hexText
        return [
            "v": 1, "instanceId": .string(request.instance), "agent": .string(config.name.rawValue),
            "trigger": .string(request.trigger.kind.rawValue), "model": model, "limits": limitsJSON(request),
            "configHash": .string(hash),
        ]
    }

    private static func price(_ price: ModelPrice) -> JSONValue {
        ["input": .double(price.input), "output": .double(price.output)]
    }

    private static func limitsJSON(_ request: SessionRequest) -> JSONValue {
        let limits = limits(request)
        return .object([
            "maxTurns": .int(limits.maxTurns), "maxTokensPerRun": limits.maxTokensPerRun.map { .int($0) },
            "maxCostPerRun": limits.maxCostPerRun.map(JSONValue.double),
            "maxCostPerDay": limits.maxCostPerDay.map(JSONValue.double), "timeout": .int(request.timeout),
        ])
    }

    private static func end(_ result: SessionResult, _ log: RunLog) throws -> WorkEnd {
        switch result.outcome {
        case .finished, .stoppedBySignal: return .finished
        case .guardAborted: return .guardAbort
        case .budgetSpent(let status):
            return .budgetSpent(reason: status.sentence)
        case .rateLimited(let error):
            log.line(.error, "session error", ["error": .string(error.sentence)])
            return .modelFailure(code: Int32(RunExitCode.rateLimit), reason: error.sentence)
        case .modelFailed(let text, _):
            log.line(.error, "session error", ["error": .string(text)])
            return .modelFailure(code: Int32(RunExitCode.error), reason: text)
        case .cancelled: throw CancellationError()
        }
    }
}
