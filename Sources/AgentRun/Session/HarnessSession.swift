import AsyncHTTPClient
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
        let client = HTTPClient(
            eventLoopGroup: HTTPClient.defaultEventLoopGroup,
            configuration: modelHTTPConfiguration()
        )
        let model: any LanguageModel
        do {
            model = try self.model(request, client, log)
        } catch {
            // What matters is the error that brought us here.
            try? await client.shutdown()
            let text = (error as? ModelError)?.message ?? "\(error)"
            throw RunFailure(.configuration, "agent \(request.config.name): \(text)")
        }
        log.line(.info, "session created, sending prompt")
        let result = await session(request, model, reporter).run()
        reporter.sessionEnded(result)
        // Nothing depends on how the connections end.
        try? await client.shutdown()
        log.line(.info, "prompt returned", ["eventCount": .int(reporter.eventCount)])
        return try end(result, log)
    }

    private static func model(
        _ request: SessionRequest,
        _ client: HTTPClient,
        _ log: RunLog
    ) throws -> any LanguageModel {
        let machine = request.machine
        let environment = ModelEnvironment(
            facts: ScriptFacts(
                agent: request.config.name.rawValue,
                trigger: request.trigger,
                params: request.config.params,
                date: request.date,
                scriptPath: request.modelScript
            ),
            conversation: request.instance,
            http: client,
            clock: machine.clock,
            now: machine.now,
            random: machine.random,
            version: machine.version,
            warn: { log.line(.warn, $0) }
        )
        let chain = [request.config.model] + request.config.fallbackModels
        for config in chain where config.thinkingLevel != nil && !ModelTable.info(for: config).canReason {
            log.line(.info, "thinkingLevel has no effect: the model does not think", ["model": .string(config.model)])
        }
        return try makeLanguageModel(chain: chain, keys: request.modelKeys, in: environment)
    }

    private static func session(
        _ request: SessionRequest,
        _ model: any LanguageModel,
        _ reporter: RunReporter
    ) -> Session {
        let machine = request.machine
        let deadline = request.deadline
        return Session(
            model: model,
            context: ToolContext(
                workingDirectory: request.workingDirectory,
                environment: request.environment,
                temporaryDirectory: request.temporaryDirectory,
                acceptsImages: model.info.acceptsImages,
                redact: request.redact,
                makeID: { machine.makeID() }
            ),
            system: request.system,
            prompt: request.prompt,
            limits: limits(request),
            header: header(request),
            clock: machine.clock,
            now: machine.now,
            random: { Double(machine.random() >> 11) / Double(1 << 53) },
            timeLeft: { .seconds(deadline.timeIntervalSince(machine.now())) },
            stopRequested: { RunSignals.asksToStop(request.signals) },
            onEvent: { reporter.report($0) }
        )
    }

    /// The agent's limits; what is left of the day's budgets tightens them.
    private static func limits(_ request: SessionRequest) -> RunLimits {
        var limits = request.config.limits
        if let allowance = request.costAllowance {
            limits.maxCostPerRun = min(limits.maxCostPerRun ?? allowance, allowance)
        }
        return limits
    }

    private static func header(_ request: SessionRequest) -> JSONValue {
        let model = request.config.model
        return .object([
            "v": 1, "instanceId": .string(request.instance), "agent": .string(request.config.name.rawValue),
            "trigger": .string(request.trigger.kind.rawValue),
            "model": .object([
                "provider": .string(model.provider.rawValue), "model": .string(model.model),
                "thinkingLevel": model.thinkingLevel.map { .string($0.rawValue) },
            ]),
        ])
    }

    private static func end(_ result: SessionResult, _ log: RunLog) throws -> WorkEnd {
        switch result.outcome {
        case .finished, .stoppedBySignal: return .finished
        case .guardAborted: return .guardAbort
        case .budgetSpent(let status):
            return .budgetSpent(reason: "\(status.budget) is spent: \(status.spent) of \(status.limit)")
        case .rateLimited(let error):
            log.line(.error, "session error", ["error": .string(error.message)])
            return .modelFailure(code: Int32(RunExitCode.rateLimit), reason: error.message)
        case .modelFailed(let text, _):
            log.line(.error, "session error", ["error": .string(text)])
            return .modelFailure(code: Int32(RunExitCode.error), reason: text)
        case .cancelled: throw CancellationError()
        }
    }
}
