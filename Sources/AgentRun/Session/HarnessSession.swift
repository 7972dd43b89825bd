import Crypto
import Domain
import FoundationEssentials
import Harness
import LanguageModels
import NIOCore
import OrderedCollections

/// The session of an ordinary run: the configured model and the standard tools.
enum HarnessSession {
    static func run(_ request: SessionRequest, _ reporter: RunReporter) async throws -> WorkEnd {
        let log = reporter.log
        log.line(
            .info,
            "creating agent session",
            [
                "model": .string("\(request.config.model.provider.rawValue)/\(request.config.model.model)"),
                "thinking": request.config.model.thinkingLevel.map { .string($0.rawValue) },
            ]
        )
        let result: SessionResult
        do {
            let proxies = ProxySettings(request.environment)
            result = try await HTTPRoutes.with(proxies, configuration: modelHTTPConfiguration()) { http in
                let model = try self.model(request, http, log)
                let result = try await self.session(request, model, http, reporter)
                reporter.sessionEnded(result)
                return result
            }
        } catch {
            try Task.checkCancellation()
            let text = (error as? ModelError)?.message ?? "\(error)"
            throw RunFailure(.configuration, "agent \(request.config.name): \(text)")
        }
        log.line(.info, "prompt returned", ["eventCount": .int(reporter.eventCount)])
        return try end(result, log)
    }

    /// Talks while the agent's tool servers run beside it.
    private static func session(
        _ request: SessionRequest,
        _ model: any LanguageModel,
        _ http: HTTPRoutes,
        _ reporter: RunReporter
    ) async throws -> SessionResult {
        let log = reporter.log
        let context = context(request, model)
        return try await MCPServers.with(
            request.config.mcpServers.map { $0.resolved(with: request.environment, log) },
            context: context,
            http: http,
            clock: request.machine.clock,
            version: request.machine.version,
            warn: { error in
                let fields: KeyValuePairs<String, JSONValue?> = [
                    "server": .string(error.server), "error": .string(error.text),
                ]
                log.line(.warn, "tool server left out", fields)
            },
            body: { servers in
                log.line(.info, "session created, sending prompt")
                return await Self.session(request, model, servers, context, reporter).run()
            }
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
        for config in chain where config.thinkingLevel != nil && !ModelTable.info(for: config).canReason {
            log.line(.info, "thinkingLevel has no effect: the model does not think", ["model": .string(config.model)])
        }
        return try makeLanguageModel(chain: chain, keys: request.modelKeys, in: environment)
    }

    private static func context(_ request: SessionRequest, _ model: any LanguageModel) -> ToolContext {
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
        _ model: any LanguageModel,
        _ servers: MCPServers,
        _ context: ToolContext,
        _ reporter: RunReporter
    ) -> Session {
        let machine = request.machine
        let deadline = request.deadline
        return Session(
            model: model,
            tools: servers.registry(),
            newTools: { await servers.changedRegistry() },
            context: context,
            system: request.system,
            prompt: request.prompt,
            limits: limits(request),
            header: header(request, model.info),
            clock: machine.clock,
            now: machine.now,
            random: { Double(machine.random() >> 11) / Double(1 << 53) },
            timeLeft: { .seconds(deadline.timeIntervalSince(machine.now())) },
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
            return .budgetSpent(reason: "\(status.budget) is spent: \(status.spent) of \(status.limit)")
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
