import Domain
import FoundationEssentials
import Logging
import Runtimes
import Storage

extension Scheduler {
    /// Time between two sweeps of locks.
    static let sweepInterval = Duration.seconds(30)
    /// Seconds between two prunings of what was kept long enough.
    static let pruneInterval = 86_400.0

    /// Looks how machine and runtime are, frees locks whose time is over, removes what is left of runs, and once a day deletes
    /// what is older than the project keeps it, until cancelled.
    func keepHouse() async {
        var lastPruning = Date.distantPast
        while !Task.isCancelled {
            let now = setup.now()
            if abs(now.timeIntervalSince(lastPruning)) >= Self.pruneInterval {
                lastPruning = now
                await prune(at: now)
            }
            lookAtClock()
            await sweepLocks()
            await lookAtRuntime()
            for handle in leftovers { await discard(handle) }
            for run in doubtful { _ = await clearAway(run) }
            guard (try? await setup.clock.sleep(for: Self.sweepInterval)) != nil else { return }
        }
    }

    private func lookAtClock() {
        guard let seconds = health.look(at: setup.now(), uptime: uptime()) else { return }
        setup.logger.warning("The machine's clock was set", metadata: ["seconds": .stringConvertible(seconds)])
        noteChange()
    }

    /// An engine that does not answer is noticed although nothing is to be started.
    private func lookAtRuntime() async {
        var failure: (any Error)?
        do {
            _ = try await setup.runtime.list(project: setup.project.id)
        } catch {
            guard !Task.isCancelled else { return }
            failure = error
        }
        guard health.take(runtimeAnswers: failure == nil) else { return }
        if let failure {
            setup.logger.error("The runtime does not answer", metadata: ["error": "\(failure)"])
        } else {
            setup.logger.info("The runtime answers again")
        }
        noteChange()
    }

    private func sweepLocks() async {
        await attempt("sweeping locks") {
            let count = try await setup.store.sweepLocks(at: setup.now(), keeping: Set(liveChats.keys))
            guard count > 0 else { return }
            setup.logger.debug("locks swept", metadata: ["locks": .stringConvertible(count)])
        }
    }

    private func prune(at now: Date) async {
        let kept = Double(setup.config.historyRetentionDays) * 86_400
        let limit = max(now.addingTimeInterval(-kept), .distantPast)
        await attempt("pruning the history") { try await setup.store.prune(olderThan: limit) }
        await deleteTranscripts(olderThan: limit, keeping: Set(live.keys))
    }

    /// Beside the actor, which answers others meanwhile.
    @concurrent private nonisolated func deleteTranscripts(
        olderThan limit: Date,
        keeping live: Set<InstanceID>
    ) async {
        setup.deleteTranscripts(limit, live)
    }
}
