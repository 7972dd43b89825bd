import Domain
import Storage
import Testing

extension StoreConformance {
    /// Makes a call and lets the target claim it.
    private static func startCall(_ store: any Store) async throws -> (caller: InstanceID, callee: NewRun) {
        let caller = try StoreSamples.instance("dev", 1)
        _ = try await store.startDirect(try StoreSamples.run("dev", 1))
        let (call, item) = try StoreSamples.call("c1", from: caller, to: "ops")
        _ = try await store.createCall(call, item: item)
        let callee = try StoreSamples.run("ops", 2)
        _ = try await store.claimNext(of: callee.instance.agent, as: callee, rule: .any)
        return (caller, callee)
    }

    static let calls: [StoreConformance] = [
        StoreConformance("a call is pending, then running, then completed with the return value") { store in
            let caller = try StoreSamples.instance("dev", 1)
            let (call, item) = try StoreSamples.call("c1", from: caller, to: "ops")
            #expect(try await store.createCall(call, item: item).depth == 1)
            #expect(try await store.call("c1", madeBy: caller)?.state == .pending)
            let callee = try StoreSamples.run("ops", 2)
            let run = try await store.claimNext(of: callee.instance.agent, as: callee, rule: .any).run
            #expect(run?.trigger == item.trigger)
            #expect(try await store.call("c1", madeBy: caller)?.state == .running)
            let outcome = RunOutcome(state: .succeeded, returnValue: "done", isReturnValueCut: true)
            _ = try await store.end(callee.instance.run, with: outcome, at: StoreSamples.at(1))
            let finished = try await store.call("c1", madeBy: caller)
            #expect(finished?.state == .completed)
            #expect(finished?.returnValue == "done")
            #expect(finished?.isReturnValueCut == true)
            #expect(finished?.callee == callee.instance)
            #expect(finished?.depth == 1)
            #expect(finished?.createdAt == StoreSamples.at(0))
            #expect(finished?.endedAt == StoreSamples.at(1))
        },
        StoreConformance("a call is shown to its caller only") { store in
            _ = try await startCall(store)
            #expect(try await store.call("c1", madeBy: try StoreSamples.instance("dev", 9)) == nil)
            #expect(try await store.call("c2", madeBy: try StoreSamples.instance("dev", 1)) == nil)
        },
        StoreConformance("a run that fails fails its call, with the reason") { store in
            let caller = try StoreSamples.instance("dev", 1)
            let cases: [(RunOutcome, String)] = [
                (.init(state: .failed, exitCode: 11), "agent run failed (exit 11: Permission/access denied)"),
                (.init(state: .failed, reason: "no image"), "agent run failed (no image)"),
                (.init(state: .timedOut, exitCode: 124), "agent run failed (timed out)"),
                (.init(state: .killed, exitCode: 137), "agent run failed (killed)"),
                (.init(state: .lost), "agent run lost"),
            ]
            for (number, (outcome, message)) in cases.enumerated() {
                let (call, item) = try StoreSamples.call("c\(number)", from: caller, to: "ops")
                _ = try await store.createCall(call, item: item)
                let callee = try StoreSamples.run("ops", 10 + number)
                _ = try await store.claimNext(of: callee.instance.agent, as: callee, rule: .any)
                _ = try await store.end(callee.instance.run, with: outcome, at: StoreSamples.at(1))
                let record = try await store.call("c\(number)", madeBy: caller)
                #expect(record?.state == .error)
                #expect(record?.errorMessage == message)
            }
        },
        StoreConformance("the end of the caller fails its open calls for good; the callee lives on") { store in
            let (caller, callee) = try await startCall(store)
            _ = try await store.end(caller.run, with: .init(state: .succeeded), at: StoreSamples.at(1))
            #expect(try await store.call("c1", madeBy: caller)?.errorMessage == "caller container exited")
            #expect(try await store.run(callee.instance.run)?.state == .starting)
            let outcome = RunOutcome(state: .succeeded, returnValue: "late")
            _ = try await store.end(callee.instance.run, with: outcome, at: StoreSamples.at(2))
            let record = try await store.call("c1", madeBy: caller)
            #expect(record?.state == .error)
            #expect(record?.returnValue == nil)
        },
        StoreConformance("a call whose item is dropped fails") { store in
            let caller = try StoreSamples.instance("dev", 1)
            let (call, item) = try StoreSamples.call("c1", from: caller, to: "ops", limit: 1)
            _ = try await store.createCall(call, item: item)
            let (second, secondItem) = try StoreSamples.call("c2", from: caller, to: "ops", limit: 1)
            #expect(try await store.createCall(second, item: secondItem).dropped?.id == "item-c1")
            #expect(try await store.call("c1", madeBy: caller)?.errorMessage == "dropped from queue")
            _ = try await store.dropWaiting(of: nil, reason: "scheduler stopped", at: StoreSamples.at(1))
            let record = try await store.call("c2", madeBy: caller)
            #expect(record?.state == .error)
            #expect(record?.errorMessage == "scheduler stopped")
        },
        StoreConformance("a call whose run is put back is pending again") { store in
            let (caller, callee) = try await startCall(store)
            try await store.requeue(callee.instance.run, endingAs: .lost, reason: "gone", at: StoreSamples.at(1))
            #expect(try await store.call("c1", madeBy: caller)?.state == .pending)
            #expect(try await store.call("c1", madeBy: caller)?.callee == nil)
            #expect(try await store.waitingItems(of: nil).map(\.id) == ["item-c1"])
        },
    ]
}
