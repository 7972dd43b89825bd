package import Domain
import FoundationEssentials
import Logging
import OrderedCollections
package import Storage

extension Scheduler: RunsPlane {
    /// A run that outlived its scheduler asks the next one as soon as that listens: it must not be told that it is nobody.
    package func run(withSecret secret: String) async -> InstanceID? {
        if secrets[secret] == nil { await awaitRecovery() }
        return secrets[secret]
    }

    package func acquireLock(_ key: String, ttl: Int?, by run: InstanceID) async throws -> LockAnswer {
        let key = redacted(key, of: run)
        let answer = try await setup.store.acquireLock(key, holder: run, ttl: lifetime(ttl), at: setup.now())
        return tell(answer, .acquire, key, run)
    }

    package func heartbeatLock(_ key: String, ttl: Int?, by run: InstanceID) async throws -> LockAnswer {
        let key = redacted(key, of: run)
        let answer = try await setup.store.heartbeatLock(key, holder: run, ttl: lifetime(ttl), at: setup.now())
        return tell(answer, .heartbeat, key, run)
    }

    package func releaseLock(_ key: String, by run: InstanceID) async throws -> LockAnswer {
        let key = redacted(key, of: run)
        return tell(try await setup.store.releaseLock(key, holder: run, at: setup.now()), .release, key, run)
    }

    private func tell(
        _ answer: LockAnswer,
        _ action: LifecycleEvent.LockAction,
        _ key: String,
        _ run: InstanceID
    ) -> LockAnswer {
        events.send(.lock(instance: run, key: key, action: action, refusal: answer.refusal))
        return answer
    }

    package func locks(of run: InstanceID) async throws -> [LockRecord] {
        try await setup.store.locks(of: run, at: setup.now())
    }

    private func lifetime(_ ttl: Int?) -> Duration {
        Self.pause(Double(ttl ?? setup.config.gateway.lockTimeout))
    }

    package func call(_ target: String, context: String, by run: InstanceID) async throws -> String {
        do {
            let id = try await makeCall(target, context: context, by: run)
            events.send(.call(caller: run, target: target, callID: id, reason: nil))
            return id
        } catch let refusal as RefusalError {
            events.send(.call(caller: run, target: target, callID: nil, reason: refusal.reason))
            throw refusal
        }
    }

    private func makeCall(_ target: String, context: String, by run: InstanceID) async throws -> String {
        try refuseWhenStopping()
        let trigger = try liveRun(run).record.trigger
        var chain: [AgentName] = []
        if case .call(let facts) = trigger { chain = facts.chain }
        let agent = try callable(target, by: run, trigger, chain)
        try await refuseWhenSpent(agent)
        let id = setup.makeRecordID()
        let time = setup.now()
        let facts = CallTriggerFacts(
            callID: id,
            caller: run,
            depth: trigger.callDepth + 1,
            chain: chain + [run.agent],
            context: redacted(context, of: run)
        )
        let call = NewCall(id: id, caller: run, target: agent.name, depth: facts.depth, createdAt: time)
        let item = newItem(of: agent, trigger: .call(facts), at: time)
        let result = try await refusingFullQueue { try await setup.store.createCall(call, item: item) }
        if !pool.canStart(agent.name) {
            setup.logger.info(
                "all runners busy, call queued",
                metadata: ["agent": "\(agent.name)", "queueSize": .stringConvertible(result.depth)]
            )
        }
        report(dropped: result.allDropped)
        await settleRemoval(of: agent.name)
        noteChange()
        wakeDispatcher()
        return id
    }

    /// The agent that a run may call by this name.
    private func callable(
        _ target: String,
        by run: InstanceID,
        _ trigger: Trigger,
        _ chain: [AgentName]
    ) throws -> AgentConfig {
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
        guard rule.refusal == nil, let agent else {
            throw RefusalError(code: .conflict, reason: rule.refusal ?? "target agent \"\(target)\" not found")
        }
        return agent
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
        board.setText(redacted(text, of: run), of: run)
        events.send(.signal(instance: run, signal: .status))
        noteChange()
    }

    package func requestRerun(by run: InstanceID) async throws {
        guard liveChats[run] == nil else { return }
        log(.info, run, "rerun signal")
        events.send(.signal(instance: run, signal: .rerun))
    }

    package func setReturnValue(_ value: String, isBeginning: Bool, of run: InstanceID) async throws {
        guard let output = live[run]?.output else { return }
        let isCut = output.setReturnValue(redacted(value, of: run), isBeginning: isBeginning)
        events.send(.signal(instance: run, signal: .return))
        log(
            isCut ? .warning : .info,
            run,
            isCut ? "return value cut" : "return signal",
            ["bytes": .int(value.utf8.count)]
        )
        guard let kept = output.report.returnValue else { return }
        try await setup.store.note(returnValue: ReturnValue(kept, isCut: isCut), of: run.run)
    }

    package func shutDown(_ run: InstanceID, reason: String) async throws -> String {
        let reason = redacted(reason, of: run)
        if liveChats[run] == nil { _ = try liveRun(run) }
        log(.error, run, "shutdown requested — killing container", ["reason": .string(reason)])
        try await stop(run, because: .killed("shutdown requested: \(reason)"), grace: .zero)
        await endChat(run, because: "shutdown requested: \(reason)")
        return "al-\(run)"
    }

    package func modelCredentials(of run: InstanceID) async throws -> JSONValue? {
        let agent = try liveChats[run]?.agent ?? liveRun(run).agent
        let secret = try liveChats[run]?.secret ?? liveRun(run).record.secret
        guard !(liveChats[run]?.modelKeysFetched ?? live[run]?.modelKeysFetched ?? true) else { return nil }
        // Before the waits: whoever asks meanwhile comes second.
        live[run]?.modelKeysFetched = true
        liveChats[run]?.modelKeysFetched = true
        do {
            let keys = try await modelKeys(of: agent, secret: secret)
            // Before the answer, so that no later scheduler answers again. Chats do not outlive theirs.
            if liveChats[run] == nil { try await setup.store.noteModelKeys(fetchedBy: run.run) }
            log(.info, run, "model credentials fetched")
            return keys
        } catch {
            // Nothing was handed out: a store that cannot be read must not use up the one answer.
            live[run]?.modelKeysFetched = false
            liveChats[run]?.modelKeysFetched = false
            throw error
        }
    }

    /// The text without what the store keeps secret and without what only the run has.
    private func redacted(_ text: String, of run: InstanceID) -> String {
        let text = setup.redact(text)
        return (live[run]?.output ?? liveChats[run]?.output)?.redacted(text) ?? text
    }

    private func liveRun(_ run: InstanceID) throws -> LiveRun {
        guard liveChats[run] == nil else {
            throw RefusalError(code: .conflict, reason: "in a chat no agents are called; people start them")
        }
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
