package import Domain
import FoundationEssentials
import Logging
import OrderedCollections
package import Storage

extension Scheduler: RunsPlane {
    package func run(withSecret secret: String) -> InstanceID? { secrets[secret] }

    package func acquireLock(_ key: String, ttl: Int?, by run: InstanceID) async throws -> LockAnswer {
        try await setup.store.acquireLock(setup.redact(key), holder: run, ttl: lifetime(ttl), at: setup.now())
    }

    package func heartbeatLock(_ key: String, ttl: Int?, by run: InstanceID) async throws -> LockAnswer {
        try await setup.store.heartbeatLock(setup.redact(key), holder: run, ttl: lifetime(ttl), at: setup.now())
    }

    package func releaseLock(_ key: String, by run: InstanceID) async throws -> LockAnswer {
        try await setup.store.releaseLock(setup.redact(key), holder: run, at: setup.now())
    }

    package func locks(of run: InstanceID) async throws -> [LockRecord] {
        try await setup.store.locks(of: run, at: setup.now())
    }

    private func lifetime(_ ttl: Int?) -> Duration { .seconds(ttl ?? setup.config.gateway.lockTimeout) }

    package func call(_ target: String, context: String, by run: InstanceID) async throws -> String {
        try refuseWhenStopping()
        let caller = try liveRun(run)
        let trigger = caller.record.trigger
        var chain: [AgentName] = []
        if case .call(let facts) = trigger { chain = facts.chain }
        // A text that is no agent's name is simply not found.
        let agent = (try? AgentName(target)).flatMap { agents[$0] }
        let rule = CallRule(
            caller: run.agent,
            depth: trigger.callDepth,
            chain: chain,
            limit: setup.config.maxCallDepth,
            target: target,
            isKnown: agent != nil,
            isEnabled: agent.map(isEnabled) ?? false
        )
        if let reason = rule.refusal { throw RefusalError(code: .conflict, reason: reason) }
        guard let agent else { throw RefusalError(code: .conflict, reason: "target agent \"\(target)\" not found") }
        let id = setup.makeRecordID()
        let time = setup.now()
        let facts = CallTriggerFacts(
            callID: id,
            caller: run,
            depth: trigger.callDepth + 1,
            chain: chain + [run.agent],
            context: setup.redact(context)
        )
        let result = try await setup.store.createCall(
            NewCall(id: id, caller: run, target: agent.name, depth: facts.depth, createdAt: time),
            item: newItem(of: agent, trigger: .call(facts), at: time)
        )
        if !pool.canStart(agent.name) {
            setup.logger.info(
                "all runners busy, call queued",
                metadata: ["agent": "\(agent.name)", "queueSize": .stringConvertible(result.depth)]
            )
        }
        report(dropped: result.dropped)
        noteChange()
        wakeDispatcher()
        return id
    }

    package func call(id: String, by run: InstanceID, wait: Duration?) async throws -> CallRecord? {
        let changed = changes.subscribe()
        guard let first = try await setup.store.call(id, madeBy: run) else { return nil }
        guard let wait, !first.state.isFinal else { return first }
        let store = setup.store
        let clock = setup.clock
        let last = try await withThrowingTaskGroup(of: CallRecord?.self) { group in
            group.addTask {
                for await _ in changed {
                    guard let call = try await store.call(id, madeBy: run), !call.state.isFinal else { break }
                }
                return try await store.call(id, madeBy: run)
            }
            group.addTask {
                try await clock.sleep(for: wait)
                return try await store.call(id, madeBy: run)
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        return last
    }

    package func setStatus(_ text: String, of run: InstanceID) {
        board.setText(setup.redact(text), of: run)
        noteChange()
    }

    package func requestRerun(by run: InstanceID) async throws {
        live[run]?.output.requestRerun()
        log(.info, run, "rerun signal")
        try await setup.store.note(returnValue: nil, wantsRerun: true, of: run.run)
    }

    package func setReturnValue(_ value: String, of run: InstanceID) async throws {
        guard let output = live[run]?.output else { return }
        let isCut = output.setReturnValue(setup.redact(value))
        log(
            isCut ? .warning : .info,
            run,
            isCut ? "return value cut" : "return signal",
            ["bytes": .int(value.utf8.count)]
        )
        let kept = output.report.returnValue.map { ReturnValue($0, isCut: isCut) }
        try await setup.store.note(returnValue: kept, wantsRerun: nil, of: run.run)
    }

    package func shutDown(_ run: InstanceID, reason: String) async throws -> String {
        _ = try liveRun(run)
        let reason = setup.redact(reason)
        log(.error, run, "shutdown requested — killing container", ["reason": .string(reason)])
        try await kill(run, reason: "shutdown requested: \(reason)", grace: .zero)
        return "al-\(run)"
    }

    package func modelCredentials(of run: InstanceID) async throws -> JSONValue? {
        let live = try liveRun(run)
        guard !live.modelKeysFetched else { return nil }
        // Before the wait: whoever asks meanwhile comes second.
        self.live[run]?.modelKeysFetched = true
        let keys = try await setup.modelKeys(live.agent) ?? [:]
        log(.info, run, "model credentials fetched")
        return keys
    }

    private func liveRun(_ run: InstanceID) throws -> LiveRun {
        guard let found = live[run] else { throw RefusalError(code: .notFound, reason: "run \(run) is over") }
        return found
    }
}

extension CallState {
    /// Whether the call never changes again.
    var isFinal: Bool { self == .completed || self == .error }
}

/// Decides whether a run may call an agent.
struct CallRule {
    var caller: AgentName
    /// Depth of the calling run.
    var depth: Int
    /// The agents above the calling run.
    var chain: [AgentName]
    /// `maxCallDepth`.
    var limit: Int
    var target: String
    var isKnown: Bool
    var isEnabled: Bool

    /// Why not, in the order of the checks; `nil` = it may.
    var refusal: String? {
        if target == caller.rawValue { return "agent cannot call itself" }
        if depth >= limit { return "trigger depth limit reached" }
        if !isKnown { return "target agent \"\(target)\" not found" }
        if !isEnabled { return "target agent \"\(target)\" is disabled" }
        if chain.contains(where: { $0.rawValue == target }) {
            return "agent \"\(target)\" is already in this call chain"
        }
        return nil
    }
}
