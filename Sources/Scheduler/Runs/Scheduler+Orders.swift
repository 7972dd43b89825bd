import Domain
import Logging
import OrderedCollections
import Runtimes
import Storage

extension Scheduler {
    /// Time before an order that the runtime did not take is given again.
    static let orderInterval = Duration.seconds(5)

    /// Orders a run to end; for whoever waits to hear that it did.
    ///
    /// - Throws: ``UntakenOrder`` when the runtime does not take the order at once; it stands and is repeated all the same.
    func stop(_ instance: InstanceID, because cause: StopCause, grace: Duration) async throws {
        note(cause, of: instance, grace: grace)
        do {
            try await carryOutOrder(to: instance)
        } catch {
            jobs.yield(.end(instance))
            throw UntakenOrder(reason: "\(error)")
        }
    }

    /// Orders a run to end and returns at once: all runs that a cause concerns are told side by side.
    func end(_ instance: InstanceID, because cause: StopCause, grace: Duration) {
        note(cause, of: instance, grace: grace)
        jobs.yield(.end(instance))
    }

    /// Repeats what a run or a chat was ordered until the runtime takes it or it is over.
    func endUntilGone(_ instance: InstanceID) async {
        while live[instance] != nil || liveChats[instance] != nil {
            let isChat = liveChats[instance] != nil
            do {
                return isChat ? try await killChat(instance) : try await carryOutOrder(to: instance)
            } catch {
                guard !Task.isCancelled else { return }
                let what = isChat ? "ending the chat" : "killing the run"
                log(.error, instance, "\(what) failed, trying again", ["error": .string("\(error)")])
                guard (try? await setup.clock.sleep(for: Self.orderInterval)) != nil else { return }
            }
        }
    }

    /// Remembers an order: the first cause stands, the shortest time to obey counts.
    func note(_ cause: StopCause, of instance: InstanceID, grace: Duration) {
        guard let run = live[instance] else { return }
        live[instance]?.stopGrace = run.stopCause == nil ? grace : min(run.stopGrace, grace)
        live[instance]?.stopCause = run.stopCause ?? cause
        // A launch that waits for something waits no longer.
        stopOrders.notify()
        reloadChanges.notify()
        noteChange()
    }

    private func carryOutOrder(to instance: InstanceID) async throws {
        guard live[instance] != nil else { return }
        await storeOrder(to: instance)
        // What is not up yet looks at the order itself.
        guard let run = live[instance], let handle = run.handle else { return }
        try await setup.runtime.kill(handle, grace: run.stopGrace)
    }

    /// Notes why a run is to end, so that its end says so even if this process does not see it.
    func storeOrder(to instance: InstanceID) async {
        guard let cause = live[instance]?.stopCause else { return }
        await attempt("noting why a run is to end") { try await setup.store.noteStop(cause, of: instance.run) }
    }

    // MARK: What runs leave behind

    /// Takes away what a launch that was given up may have left all the same: who gave no answer may have done what it was asked.
    ///
    /// - Returns: what there was; `nil` when the runtime has not said that nothing of the run works any more.
    func clearAway(_ run: RunID) async -> [KnownRun]? {
        do {
            let left = try await known(of: run)
            for one in left {
                if one.isRunning { try await setup.runtime.kill(one.handle, grace: .zero) }
                await discard(one.handle)
            }
            doubtful.remove(run)
            return left
        } catch {
            guard !Task.isCancelled else { return nil }
            setup.logger.warning(
                "looking for what a failed launch left failed, trying again",
                metadata: ["run": "\(run)", "error": "\(error)"]
            )
            return nil
        }
    }

    /// What the runtime has of a run.
    func known(of run: RunID) async throws -> [KnownRun] {
        try await setup.runtime.list(project: setup.project.id).filter { $0.runID == run }
    }

    /// Deletes what is left of a run that is over, now or as soon as the runtime lets us (``keepHouse()``).
    func discard(_ handle: RunHandle) async {
        do {
            try await setup.runtime.remove(handle)
            leftovers.remove(handle)
        } catch {
            guard !Task.isCancelled, leftovers.insert(handle).inserted else { return }
            setup.logger.error(
                "removing a container failed, trying again",
                metadata: ["container": "\(handle)", "error": "\(error)"]
            )
        }
    }
}

/// The runtime did not take an order to end a run.
struct UntakenOrder: Error, CustomStringConvertible {
    var reason: String

    var description: String { "\(reason) The order stands: it is repeated until it is carried out." }
}
