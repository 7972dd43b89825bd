import Domain
import FoundationEssentials
import Logging
import Storage

extension Scheduler {
    /// Time for the answer to reach whoever gave the order.
    static let answerTime = Duration.milliseconds(100)
    /// Why a run ends that a scheduler does not wait for.
    static let stopReason = "scheduler stopped"

    /// Leaves the runs alive for the next scheduler of the project and ends ``run()``.
    ///
    /// Output that was read is noted, so that the next scheduler repeats nothing.
    package func handOver() async {
        guard !isHandedOver else { return }
        isHandedOver = true
        for run in live.values { run.output.suspend() }
        for (instance, run) in live {
            await savePosition(of: instance, run.output)
            await storeOrder(to: instance)
        }
        await clearChats(because: "the scheduler hands over")
        setup.logger.info("handing over", metadata: ["runs": .stringConvertible(live.count)])
        jobs.finish()
    }

    /// Begins to stop; a second order ends the runs at once.
    package func stop(_ order: StopOrder) async throws -> StopAnswer {
        var order = order
        order.now = order.now || isStopOrdered
        isStopOrdered = true
        return await beginStop(order)
    }

    /// Takes no more work; what is queued stays for the next start.
    @discardableResult
    func beginStop(_ order: StopOrder) async -> StopAnswer {
        isStopping = true
        if order.now { endsRuns = true }
        var dropped = 0
        if order.clear {
            await attempt("clearing the queues") {
                dropped = try await setup.store.dropWaiting(of: nil, reason: "scheduler stopped", at: setup.now())
            }
        }
        board.note("scheduler", "Scheduler stopping", at: setup.now())
        setup.logger.info("Scheduler stopping", metadata: ["running": .stringConvertible(pool.total)])
        setup.noteDraining(pool.total)
        noteChange()
        jobs.yield(.stop(order))
        return StopAnswer(running: pool.total, dropped: dropped)
    }

    func carryOut(_ order: StopOrder) async {
        guard (try? await setup.clock.sleep(for: Self.answerTime)) != nil else { return }
        let answered = uptime()
        // It waits for runs that an earlier scheduler left as well.
        await awaitRecovery()
        mayFinish = true
        finishIfDrained()
        await endChats(because: "the scheduler stops")
        if !order.now {
            guard let grace = order.grace else { return }
            let rest = Self.pause(Double(grace)) - (uptime() - answered)
            guard (try? await setup.clock.sleep(for: max(.zero, rest))) != nil else { return }
        }
        endsRuns = true
        for instance in live.keys.sorted() { endForStop(instance) }
    }

    /// Ends a run because the scheduler does not wait for it.
    func endForStop(_ instance: InstanceID) {
        end(instance, because: .killed(Self.stopReason), grace: .seconds(setup.config.stopGrace))
    }

    /// How long a run may take to obey what an earlier scheduler ordered.
    func grace(afterOrder cause: StopCause?) -> Duration {
        switch cause {
        case .budget, .killed(Self.stopReason): .seconds(setup.config.stopGrace)
        case .killed, .timeout, nil: .zero
        }
    }

    /// Ends ``run()`` once a stop was ordered and nothing runs any more.
    func finishIfDrained() {
        guard isStopping else { return }
        setup.noteDraining(pool.total)
        guard mayFinish, pool.total == 0, liveChats.isEmpty else { return }
        jobs.finish()
    }
}
