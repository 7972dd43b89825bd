import Domain
import FoundationEssentials
import Logging
import OrderedCollections
import Runtimes
import Storage

extension Scheduler {
    /// Seconds the host waits longer than the timer inside the run.
    static let watchdogMargin = 15.0
    /// Longest time for reading what a run printed last.
    static let drainLimit = Duration.seconds(10)
    /// Time before output that could not be read is asked for again; less than ``drainLimit``, for what was printed last.
    static let readInterval = Duration.seconds(5)
    /// How often the position in the output is saved.
    static let positionInterval = Duration.seconds(1)

    private enum Part: Sendable {
        case ended(RunEnd)
        case drained
        case tookTooLong
        case other
    }

    /// Follows the output and waits for the end side by side, under the watchdog, until the output was read to its end.
    func attend(_ handle: RunHandle, of record: RunRecord) async throws -> RunEnd {
        let instance = record.instance
        guard let run = live[instance] else { throw CancellationError() }
        let output = run.output
        // What ended in time must not be killed for being found late.
        let wasOver = run.wasOver
        let clock = setup.clock
        let remaining = max(0, Double(run.record.timeout) + Self.watchdogMargin - elapsed(of: record))
        let end = try await withThrowingTaskGroup(of: Part.self) { group in
            group.addTask { await self.follow(handle, of: instance, into: output) }
            group.addTask { .ended(try await self.waitForEnd(of: handle, instance)) }
            if !wasOver {
                group.addTask {
                    try await clock.sleep(for: Self.pause(remaining))
                    await self.watchdogFires(on: instance)
                    return .other
                }
            }
            group.addTask {
                while true {
                    try await clock.sleep(for: Self.positionInterval)
                    await self.savePosition(of: instance, output)
                }
            }
            var end: RunEnd?
            var isDrained = false
            while let part = try await group.next() {
                switch part {
                case .ended(let how):
                    end = how
                    group.addTask {
                        try await clock.sleep(for: Self.drainLimit)
                        return .tookTooLong
                    }
                case .drained: isDrained = true
                case .tookTooLong:
                    self.setup.logger.warning("output not read to its end", metadata: ["instance": "\(instance)"])
                    isDrained = true
                case .other: break
                }
                if end != nil, isDrained { break }
            }
            group.cancelAll()
            return end
        }
        guard let end else { throw CancellationError() }
        return end
    }

    /// Seconds the run has been up; the wall clock counts only for the time before this process.
    private func elapsed(of record: RunRecord) -> Double {
        guard let run = live[record.instance] else { return 0 }
        return run.before + (uptime() - run.upSince) / .seconds(1)
    }

    /// Reads the output to its end, and again from where it came to when that fails: an engine that does not answer says
    /// nothing about the run.
    private func follow(_ handle: RunHandle, of instance: InstanceID, into output: RunOutput) async -> Part {
        var told: String?
        while true {
            do {
                try await setup.runtime.follow(handle, from: output.position) { line in
                    switch output.receive(line) {
                    case .nothing: break
                    case .toolError(let text): await self.noteToolError(text, of: instance)
                    case .modelReply(let reply): await self.count(reply, of: instance, output)
                    }
                }
                return .drained
            } catch {
                guard !Task.isCancelled else { return .drained }
                // An engine may be unable for good to read what it kept: that is said once.
                if told != "\(error)" {
                    log(.warning, instance, "following the output failed", ["error": .string("\(error)")])
                }
                told = "\(error)"
                let isGone = (error as? RuntimeError)?.code == .vanished
                guard !isGone, (try? await setup.clock.sleep(for: Self.readInterval)) != nil else { return .drained }
            }
        }
    }

    func waitForEnd(of handle: RunHandle, _ instance: InstanceID) async throws -> RunEnd {
        while true {
            do {
                return try await setup.runtime.wait(for: handle)
            } catch let error as RuntimeError {
                try Task.checkCancellation()
                if error.code == .vanished { return RunEnd(code: nil, cause: .vanished) }
                // An engine that does not answer says nothing about the run.
                log(.warning, instance, "waiting for the run failed", ["error": .string(error.message)])
                try await setup.clock.sleep(for: .seconds(5))
            }
        }
    }

    private func watchdogFires(on instance: InstanceID) async {
        log(.error, instance, "run exceeded its timeout, killing it")
        note(.timeout, of: instance, grace: .zero)
        await endUntilGone(instance)
    }

    private func noteToolError(_ text: String, of instance: InstanceID) {
        board.change(instance.agent) { $0.lastError = text }
        noteChange()
    }

    func savePosition(of instance: InstanceID, _ output: RunOutput) async {
        guard let position = output.takeUnsavedPosition() else { return }
        await attempt("saving the position in the output") {
            try await setup.store.setLogPosition(position, of: instance.run)
        }
    }
}
