import Domain
import Foundation
import OrderedCollections
import Runtimes
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Egress
@testable import Scheduler

@Suite("Runs with a list of hosts") struct SealedRunTests {
    private static let keys = RunKeys(Data(repeating: 5, count: 32))
    private static let control = EgressControl(
        directory: "/project/.al/egress/mount",
        gatewaySocket: "/project/.al/egress/gateway",
        keys: keys,
        stored: { reference, agent in ["token": "real \(reference) of \(agent)"] }
    )

    private func sealedAgent(isRequired: Bool = true) throws -> AgentConfig {
        var agent = try SchedulerTests.agent("dev")
        agent.network = NetworkPolicy(allow: ["api.github.com"], isRequired: isRequired)
        return agent
    }

    private func launch(_ number: Int, _ bench: Bench) async throws -> Launch {
        _ = try await bench.launched(number)
        return await bench.runtime.launches[number - 1]
    }

    @Test("A run gets the socket's directory, the gateway at its own loopback, and a grant as long as it lives")
    func launch() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store, runtime: FakeRuntime(kind: .docker, controlsEgress: true))
            let scheduler = bench.scheduler([try sealedAgent(), try agent("open")], egress: Self.control)
            await scheduler.setGateway(url: "http://gateway:1")
            try await bench.running(scheduler) {
                _ = try await scheduler.trigger("dev", prompt: "x")
                let launch = try await self.launch(1, bench)
                #expect(launch.egressDirectory == "/project/.al/egress/mount")
                #expect(launch.gatewayURL == "http://gateway:8080")
                #expect(launch.environment["AL_BROKER_CA"] == nil)
                let grant = try #require(await scheduler.egressGrant(for: launch.secret))
                #expect(grant.instance == launch.instance)
                #expect(await scheduler.egressGrant(for: "guess") == nil)
                _ = try await scheduler.trigger("open", prompt: "x")
                let other = try await self.launch(2, bench)
                #expect(other.egressDirectory == nil && other.gatewayURL == "http://gateway:1")
                // Whoever may go everywhere has no business at the proxy.
                #expect(await scheduler.egressGrant(for: other.secret) == nil)
                await bench.runtime.finish(launch.instance)
                try await bench.until("over") { await scheduler.egressGrant(for: launch.secret) == nil }
            }
        }
    }

    @Test(
        "A run that is adopted keeps the network it was launched with, whatever the files say by now",
        arguments: [true, false]
    )
    func adopted(_ wasSealed: Bool) async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store, runtime: FakeRuntime(kind: .docker, controlsEgress: true))
            var listed = try agent("dev")
            listed.network = NetworkPolicy(allow: ["old.example.org"])
            var changed = try agent("dev")
            changed.network = NetworkPolicy(allow: ["new.example.org"])
            let before = wasSealed ? listed : try agent("dev")
            let instance = try await bench.leaveRunning("dev", by: bench.scheduler([before], egress: Self.control))
            for after in [changed, try agent("dev")] {
                let scheduler = bench.scheduler([after], egress: Self.control)
                try await bench.running(scheduler) {
                    let secret = await bench.secret(of: instance)
                    try await bench.until("adopted") { await scheduler.run(withSecret: secret) == instance }
                    let policy = await scheduler.egressGrant(for: secret)?.policy
                    #expect(policy == (wasSealed ? Self.policy(of: listed) : nil))
                }
            }
        }
    }

    private static func policy(of agent: AgentConfig) -> EgressPolicy {
        EgressPolicy(allow: agent.network?.allow ?? [], gateway: control.gateway)
    }

    @Test("A sealed run fetches a token in place of its models' keys; the gateway knows it as long as the run lives")
    func modelToken() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store, runtime: FakeRuntime(kind: .docker, controlsEgress: true))
            var sealed = try sealedAgent()
            sealed.model = ModelConfig(provider: .anthropic, model: "m")
            sealed.fallbackModels = [ModelConfig(provider: .custom, model: "n")]
            let scheduler = bench.scheduler([sealed, try agent("open")], egress: Self.control)
            try await bench.running(scheduler) {
                _ = try await scheduler.trigger("dev", prompt: "x")
                let launch = try await self.launch(1, bench)
                let token = Self.keys.modelToken(ofRun: launch.secret)
                let entry: JSONValue = ["default": ["token": .string(token)]]
                let keys = try await scheduler.modelCredentials(of: launch.instance)
                #expect(keys == ["anthropic_key": entry, "custom_key": entry])
                #expect(try await scheduler.modelCredentials(of: launch.instance) == nil)
                let access = try #require(try await scheduler.modelAccess(token: token))
                #expect(access.instance == launch.instance && access.agent.models.count == 2)
                #expect(access.keys == ["anthropic_key": ["default": ["token": "t"]]])
                // The run's own secret, which its tools know, opens nothing here.
                #expect(try await scheduler.modelAccess(token: launch.secret) == nil)
                _ = try await scheduler.trigger("open", prompt: "x")
                let other = try await self.launch(2, bench)
                #expect(try await scheduler.modelAccess(token: Self.keys.modelToken(ofRun: other.secret)) == nil)
                let given = try await scheduler.modelCredentials(of: other.instance)
                #expect(given == ["anthropic_key": ["default": ["token": "t"]]])
                await bench.runtime.finish(launch.instance)
                try await bench.until("over") { try await scheduler.modelAccess(token: token) == nil }
            }
        }
    }

    @Test("A chat is shut in as a run is, and its grant ends with it")
    func chat() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store, runtime: FakeRuntime(kind: .docker, controlsEgress: true))
            let scheduler = bench.scheduler([try sealedAgent()], egress: Self.control)
            await scheduler.setGateway(url: "http://gateway:1")
            try await bench.running(scheduler) {
                let id = try await scheduler.openChat(with: "dev").id
                let launch = try await self.launch(1, bench)
                #expect(launch.egressDirectory == "/project/.al/egress/mount")
                #expect(launch.gatewayURL == "http://gateway:8080")
                #expect(await scheduler.egressGrant(for: launch.secret)?.instance == id)
                try await scheduler.closeChat(id, because: "x")
                try await bench.until("ended") { await scheduler.chats().isEmpty }
                #expect(await scheduler.egressGrant(for: launch.secret) == nil)
            }
        }
    }

    @Test("What passed to a model stands in the agent's log with what it cost")
    func modelCalls() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("dev")])
            let instance = try #require(InstanceID("dev-0a1b2c3d"))
            let usage = TokenUsage(input: 3, output: 4, cost: 0.5, turns: 1)
            await scheduler.note(RelayedModelCall(model: "a/b", status: 200, usage: usage, failure: nil), of: instance)
            await scheduler.note(RelayedModelCall(model: "a/b", status: 200, usage: nil, failure: "cut"), of: instance)
            let lines = bench.sink.messages("model call")
            #expect(lines.map(\.level) == [.debug, .warning])
            #expect(lines.first?.fields == ["model": "a/b", "status": 200, "usage": usage.json])
            #expect(lines.last?.fields == ["model": "a/b", "status": 200, "error": "cut"])
        }
    }

    @Test("Of a brokered credential a run gets what stands in for it, and the way to its hosts puts the secret in")
    func brokered() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store, runtime: FakeRuntime(kind: .sandbox, controlsEgress: true))
            var agent = try sealedAgent()
            agent.credentials = [CredentialReference(type: "github_token", instance: "work", isBrokered: true)]
            let scheduler = bench.scheduler([agent], egress: Self.control)
            try await bench.running(scheduler) {
                _ = try await scheduler.trigger("dev", prompt: "x")
                let launch = try await self.launch(1, bench)
                let pem = try #require(launch.environment["AL_BROKER_CA"].flatMap { Data(base64Encoded: $0) })
                #expect(String(decoding: pem, as: UTF8.self).hasPrefix("-----BEGIN CERTIFICATE-----"))
                let placeholder = Self.keys.placeholder(for: "github_token/work", ofRun: launch.secret)
                #expect(bench.staged.withLock { $0 } == [placeholder])
                let broker = try #require(await scheduler.egressGrant(for: launch.secret)?.broker)
                #expect(broker.opens("api.github.com", port: 443) && !broker.opens("api.linear.app", port: 443))
                #expect(
                    try broker.secrets(for: "github.com") == [
                        .init(
                            placeholder: placeholder,
                            value: "real github_token:work of dev",
                            hosts: ["api.github.com", "github.com", "uploads.github.com"]
                        )
                    ]
                )
            }
        }
    }

    @Test("Where the network is not controlled a brokered credential keeps the run from starting")
    func brokerNeedsControl() throws {
        var agent = try sealedAgent(isRequired: false)
        agent.credentials = [CredentialReference(type: "github_token", isBrokered: true)]
        for runtime in [RuntimeKind.docker, .host] {
            guard case .refused(let text) = NetworkEnforcement(of: agent, on: runtime, isControlled: false) else {
                Issue.record("\(runtime) must refuse")
                continue
            }
            #expect(text.contains("broker = true"))
        }
        #expect(NetworkEnforcement(of: agent, on: .sandbox, isControlled: true) == .enforced)
    }

    @Test("What the proxy decides stands in the agent's log, a refusal as a warning")
    func decisions() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("dev")])
            let instance = try #require(InstanceID("dev-0a1b2c3d"))
            let allowed = EgressDecision.Verdict.allowed(rule: "api.github.com")
            await scheduler.note(
                EgressDecision(
                    instance: instance,
                    host: "api.github.com",
                    port: 443,
                    verdict: allowed,
                    bytesOut: 10,
                    bytesIn: 20
                )
            )
            await scheduler.note(
                EgressDecision(instance: instance, host: "evil.example", port: 443, verdict: .refused(.notListed))
            )
            await scheduler.note(
                EgressDecision(
                    instance: instance,
                    host: CageProof.unlistedHost,
                    port: 443,
                    verdict: .refused(.notListed)
                )
            )
            let lines = bench.sink.messages("network")
            #expect(lines.map(\.level) == [.info, .warning, .debug])
            #expect(lines.allSatisfy { $0.instance == instance })
            #expect(
                lines.first?.fields == [
                    "host": "api.github.com", "port": 443, "verdict": "allowed", "rule": "api.github.com",
                    "bytesOut": 10, "bytesIn": 20,
                ]
            )
            #expect(lines.last?.fields["rule"] == "not listed")
        }
    }

    @Test("Where nothing enforces the list the run does not start, unless the list says it need not be")
    func failsClosed() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store, runtime: FakeRuntime(kind: .docker))
            var lax = try agent("lax")
            lax.network = NetworkPolicy(allow: [], isRequired: false)
            let scheduler = bench.scheduler([try sealedAgent(), lax])
            try await bench.running(scheduler) {
                _ = try await scheduler.trigger("lax", prompt: "x")
                #expect(try await launch(1, bench).egressDirectory == nil)
                _ = try await scheduler.trigger("dev", prompt: "x")
                try await bench.until("refused") { !bench.sink.messages("container exited with error").isEmpty }
                #expect(await bench.runtime.launches.count == 1)
            }
            let reason = bench.sink.messages("container exited with error").first?.fields["reason"]?.stringValue
            #expect(reason?.contains("network.allow cannot be enforced here") == true)
        }
    }

    @Test(
        "Enforcement follows from list, runtime and requirement",
        arguments: [
            (.docker, true, true, "enforced"), (.docker, false, true, "refused"), (.docker, false, false, "warned"),
            (.sshDocker, false, true, "refused"), (.sshDocker, false, false, "warned"),
            (.sandbox, true, false, "enforced"), (.host, false, true, "warned"),
        ] as [(RuntimeKind, Bool, Bool, String)]
    )
    func enforcement(runtime: RuntimeKind, isControlled: Bool, isRequired: Bool, expected: String) throws {
        let agent = try sealedAgent(isRequired: isRequired)
        let found =
            switch NetworkEnforcement(of: agent, on: runtime, isControlled: isControlled) {
            case .open: "open"
            case .enforced: "enforced"
            case .notEnforced: "warned"
            case .refused: "refused"
            }
        #expect(found == expected)
        #expect(NetworkEnforcement(of: try SchedulerTests.agent("x"), on: runtime, isControlled: isControlled) == .open)
    }
}
