import Domain
import Egress
import OrderedCollections
import Runtimes
import Storage
import TestSupport
import Testing

@testable import Scheduler

@Suite("Runs with a list of hosts") struct SealedRunTests {
    private static let control = EgressControl(directory: "/project/.al/egress/mount") { _, port in
        [
            EgressEndpoint(host: "gateway", port: port, target: .socket(path: "/g"), rule: nil),
            EgressEndpoint(host: "gateway", port: 11434, target: .loopback, rule: "model"),
            EgressEndpoint(host: "api.model.example", port: 443, target: .name, rule: "model"),
        ]
    }

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
            await scheduler.setGateway(url: "http://gateway:1", port: 8080)
            try await bench.running(scheduler) {
                _ = try await scheduler.trigger("dev", prompt: "x")
                let launch = try await self.launch(1, bench)
                #expect(launch.egressDirectory == "/project/.al/egress/mount")
                #expect(launch.gatewayURL == "http://gateway:8080")
                #expect(launch.environment["AL_EGRESS_PORTS"] == "8080,11434")
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

    @Test("A chat is shut in as a run is, and its grant ends with it")
    func chat() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store, runtime: FakeRuntime(kind: .docker, controlsEgress: true))
            let scheduler = bench.scheduler([try sealedAgent()], egress: Self.control)
            await scheduler.setGateway(url: "http://gateway:1", port: 8080)
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
