import Domain
import Foundation
import Testing

@Suite("Shared values")
struct ValueTests {
    @Test("agent names that are allowed", arguments: ["a", "dev", "a-1", "0", String(repeating: "x", count: 63)])
    func agentName(_ text: String) throws {
        #expect(try AgentName(text).rawValue == text)
    }

    @Test(
        "agent names that are not",
        arguments: ["", "default", "-a", "a-", "A", "a_b", "a.b", "ä", "../x", String(repeating: "x", count: 64)]
    )
    func badAgentName(_ text: String) {
        #expect(throws: AgentNameError.self) { try AgentName(text) }
    }

    @Test("an instance id is split at its last eight digits")
    func instance() throws {
        let id = try #require(InstanceID("my-dev-0a1b2c3d"))
        #expect(id.agent.rawValue == "my-dev")
        #expect(id.run.rawValue == "0a1b2c3d")
        #expect(id.rawValue == "my-dev-0a1b2c3d")
    }

    @Test("what is no instance id", arguments: ["", "dev", "-0a1b2c3d", "dev-0A1B2C3D", "dev_0a1b2c3d", "dev-0a1b2c3"])
    func badInstance(_ text: String) {
        #expect(InstanceID(text) == nil)
    }

    @Test("run ids have eight digits, also for small numbers")
    func runID() {
        #expect(RunID(bits: 0x2a).rawValue == "0000002a")
        #expect(RunID(bits: .max).rawValue == "ffffffff")
    }

    @Test("no sum of usages leaves the range of numbers, whoever told them")
    func usageSums() {
        let told: JSONValue = [
            "inputTokens": .int(.max), "outputTokens": .int(.max), "cacheReadTokens": 1, "cacheWriteTokens": .int(.min),
            "turnCount": .int(.max), "cost": 0.5,
        ]
        let sum = (0..<100).reduce(TokenUsage()) { sum, _ in sum + TokenUsage(json: told) }
        #expect(sum.input == TokenUsage.largestCount)
        #expect(sum.cacheRead == 100)
        #expect(sum.cacheWrite == 0)
        #expect(sum.total == 2 * TokenUsage.largestCount + 100)
        #expect(sum.cost == 50)
        for cost in ["1e300", "1e400", "-0.5"] {
            #expect(TokenUsage(json: ["cost": .number(cost)]).cost == nil)
        }
    }

    @Test("a run's states follow each other forward only")
    func states() {
        for state in RunState.allCases {
            for next in RunState.allCases {
                let allowed =
                    switch (state, next) {
                    case (.starting, .running): true
                    case (.starting, _), (.running, _): ![.starting, .running].contains(next)
                    default: false
                    }
                #expect(state.canBecome(next) == allowed, "\(state) to \(next)")
            }
        }
    }

    static let triggers: [Trigger] = {
        var triggers: [Trigger] = [
            .schedule(slot: nil), .schedule(slot: Date(timeIntervalSince1970: 1_800_000_000)), .manual(prompt: nil),
            .manual(prompt: "fix it"),
            .webhook(.init(deliveryID: "d", source: "github", event: "issues", context: ["n": 1])),
        ]
        if let caller = InstanceID("dev-00000001") {
            let chain = [caller.agent]
            triggers.append(.call(.init(callID: "c", caller: caller, depth: 1, chain: chain, context: "")))
        }
        return triggers
    }()

    @Test("triggers are read back as they were written", arguments: triggers)
    func trigger(_ trigger: Trigger) throws {
        let text = trigger.json.compactText
        #expect(Trigger(json: try JSONValue(parsing: text)) == trigger)
    }

    @Test(
        "what is no trigger",
        arguments: [[:], ["type": "other"], ["type": "webhook"], ["type": "call"]] as [JSONValue]
    )
    func badTrigger(_ json: JSONValue) {
        #expect(Trigger(json: json) == nil)
    }
}
