import Domain
import FoundationEssentials
import Synchronization

/// What happens inside one run, from its start to its exit code.
package struct AgentRun: Sendable {
    /// Time between the end of the work and the moment at which the process ends by force.
    private static let graceAfterTimeout: Duration = .seconds(2)
    private static let graceAfterSignal: Duration = .seconds(4)

    let environment: [String: String]
    let system: RunSystem
    let session: SessionRunner
    let reporter: RunReporter
    private let elapsed: @Sendable () -> Duration

    init(environment: [String: String], system: RunSystem, session: @escaping SessionRunner) {
        self.environment = environment
        self.system = system
        self.session = session
        elapsed = system.clock.stopwatch()
        reporter = RunReporter(log: RunLog(now: system.now, write: system.output))
    }

    /// Is the run: `al _run-agent`.
    ///
    /// - Parameters:
    ///   - environment: of the process; everything is in it. Its arguments only make the process recognisable.
    ///   - system: what the run takes from its machine.
    /// - Returns: the exit code of the process.
    package static func main(environment: [String: String], system: RunSystem) async -> Int32 {
        let session = ChatAccess(environment).map { ChatSession(access: $0).run } ?? HarnessSession.run
        return await AgentRun(environment: environment, system: system, session: session).execute()
    }

    /// Runs to the end and reports it.
    func execute() async -> Int32 {
        if system.ownsProcess { Surroundings.adoptOrphans() }
        let files: StaticFiles
        let places: Places
        do {
            files = try StaticFiles(directory: system.staticDirectory, environment: environment)
            places = Places(environment, isBaked: files.isBaked)
            try places.prepare()
        } catch {
            reporter.log.line(.error, "container entry error", ["error": .string(error.text)])
            return finish(.setupFailure(reason: error.text), RunSignals())
        }
        if files.isBaked { reporter.log.line(.info, "loaded static files from image") }
        if system.ownsProcess { _ = FileManager.default.changeCurrentDirectoryPath(places.work) }
        let end = await race(files, places)
        if system.ownsProcess { Surroundings.killDescendants() }
        return finish(end, RunSignals(places.signals))
    }

    /// Works until the work is done, time is over, or a signal comes.
    private func race(_ files: StaticFiles, _ places: Places) async -> WorkEnd {
        await withTaskGroup(of: WorkEnd?.self) { group in
            group.addTask { await work(files, places) }
            group.addTask { await timer(files.timeout) }
            group.addTask { await terminated() }
            if system.ownsProcess {
                group.addTask { await collectOrphans() }
            }
            var result = WorkEnd.finished
            while let end = await group.next() {
                guard let end else { continue }
                result = end
                break
            }
            let forced = forceEnd(result, places)
            group.cancelAll()
            await group.waitForAll()
            forced?.cancel()
            return result
        }
    }

    private func work(_ files: StaticFiles, _ places: Places) async -> WorkEnd? {
        let preparation = Preparation(
            files: files,
            places: places,
            environment: environment,
            system: system,
            reporter: reporter
        )
        do {
            return try await preparation.work(session)
        } catch let error as RunFailure {
            reporter.log.line(.error, "container entry error", ["error": .string(error.text)])
            return .setupFailure(reason: error.text)
        } catch {
            guard !Task.isCancelled else { return nil }
            reporter.log.line(.error, "container entry error", ["error": .string("\(error)")])
            return .setupFailure(reason: "\(error)")
        }
    }

    private func timer(_ seconds: Int) async -> WorkEnd? {
        // Who talks is the one who ends it, or whoever sees that nobody talks any more.
        guard ChatAccess(environment) == nil else { return nil }
        // Cancelled: the work was done in time.
        guard (try? await system.clock.sleep(for: .seconds(seconds))) != nil else { return nil }
        reporter.log.line(
            .error,
            "container timeout reached, self-terminating",
            ["timeoutSeconds": .int(seconds)]
        )
        return .timeout
    }

    private func terminated() async -> WorkEnd? {
        for await signal in system.signals { return .terminated(signal: signal) }
        return nil
    }

    private func collectOrphans() async -> WorkEnd? {
        var seen: Set<Int32> = []
        // Cancelled: the run is over, and whatever is left goes with it.
        while (try? await system.clock.sleep(for: .seconds(2))) != nil {
            seen = Surroundings.collectOrphans(seen: seen)
        }
        return nil
    }

    /// Ends the process by force when what was cancelled does not come to its end.
    private func forceEnd(_ end: WorkEnd, _ places: Places) -> Task<Void, Never>? {
        let grace: Duration
        switch end {
        case .timeout: grace = Self.graceAfterTimeout
        case .terminated: grace = Self.graceAfterSignal
        default: return nil
        }
        if system.ownsProcess { Surroundings.killDescendants() }
        // Not part of the group: it must outlive the cancellation of everything else.
        return Task {
            // Cancelled: the run came to its end by itself.
            guard (try? await system.clock.sleep(for: grace)) != nil else { return }
            system.exit(finish(end, RunSignals(places.signals)))
        }
    }

    /// Writes the last lines, once; they are written when it returns.
    private func finish(_ end: WorkEnd, _ signals: RunSignals) -> Int32 {
        let result = EndOfRun(end, signals: signals)
        reporter.close { writeEnd(result, signals) }
        return result.code
    }

    private func writeEnd(_ result: EndOfRun, _ signals: RunSignals) {
        let log = reporter.log
        let usage = reporter.usage
        log.line(.info, "token-usage", fields: usage.json.members.map { ($0.key, .some($0.value)) })
        for warning in signals.warnings { log.line(.warn, warning) }
        report(signals, result)
        reporter.endTranscript(outcome: result.outcome, exitCode: Int(result.code))
        log.line(
            .info,
            "run-result",
            [
                "exitCode": .int(Int(result.code)), "outcome": .string(result.outcome),
                "reason": result.reason.map { .string($0.cut(to: 1000)) }, "durationMs": .int(elapsed().milliseconds),
                "usage": usage.json, "returnValueBytes": .int(signals.returnValue?.utf8.count ?? 0),
                "summary": reporter.summary.isEmpty ? nil : .string(reporter.summary.cut(to: 2000)),
            ]
        )
    }

    private func report(_ signals: RunSignals, _ result: EndOfRun) {
        let log = reporter.log
        if let code = signals.exitCode, code == result.code {
            log.line(
                code == 0 ? .info : .error,
                "agent terminated with exit signal",
                ["exitCode": .int(Int(code)), "reason": .string(RunExitCode.meaning(of: Int(code)))]
            )
            log.line(
                .info,
                "signal-result",
                [
                    "type": "exit", "exitCode": .int(Int(code)),
                    "reason": .string(RunExitCode.meaning(of: Int(code))),
                ]
            )
        }
        if result.code == 42 { log.line(.info, "signal-result", ["type": "rerun"]) }
        if let value = signals.returnValue.map(log.redacted) {
            let beginning = value.cut(to: 1000)
            log.line(
                .info,
                "signal-result",
                [
                    "type": "return", "value": .string(beginning),
                    "truncated": beginning.utf8.count < value.utf8.count ? true : nil,
                ]
            )
        }
        if result.code == 0 || result.code == 42 {
            log.line(
                .info,
                result.code == 0 ? "run completed" : "run completed, rerun requested",
                ["outputLength": .int(reporter.outputLength)]
            )
        }
    }
}
