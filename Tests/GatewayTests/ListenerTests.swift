import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOHTTP1
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import Gateway

@Suite("Listeners")
struct ListenerTests {
    private func get(_ url: String) async throws -> (Int, String) {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "Authorization", value: "Bearer key")
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        return (Int(response.status.code), String(buffer: try await response.body.collect(upTo: 1 << 20)))
    }

    @Test("15.10 the agent listener stands on its own address, same port, and has no control routes")
    func twoListeners() async throws {
        try await serving(Bench(), agents: "127.0.0.2") { port async throws -> Void in
            #expect(try await get("http://127.0.0.1:\(port)/control/status").0 == 200)
            #expect(try await get("http://127.0.0.1:\(port)/control/status").1.contains("\"gatewayPort\":\(port)"))
            #expect(try await get("http://127.0.0.2:\(port)/control/status").0 == 404)
            #expect(try await get("http://127.0.0.2:\(port)/health").1 == #"{"status":"ok"}"#)
            #expect(try await get("http://127.0.0.2:\(port)/locks/list?secret=s2").1 == "[]")
        }
    }

    @Test("where the address of runs comes with them, what comes for another address is turned away")
    func comingAddress() async throws {
        try await servingBoth(Bench(), agents: "127.0.0.2", comingWithRuns: true) { ports async throws -> Void in
            #expect(ports.main != ports.agents)
            #expect(try await get("http://127.0.0.1:\(ports.main)/control/status").0 == 200)
            #expect(try await get("http://127.0.0.2:\(ports.agents)/control/status").0 == 404)
            #expect(try await get("http://127.0.0.2:\(ports.agents)/health").0 == 200)
            for path in ["/health", "/chat/container/dev-a1b2c3d4"] {
                await #expect(throws: (any Error).self) { try await get("http://127.0.0.1:\(ports.agents)\(path)") }
            }
        }
    }

    @Test("an exposed gateway has a door for runs beside the main one")
    func exposed() async throws {
        try await servingBoth(Bench(), agents: "127.0.0.2", exposed: true) { ports async throws -> Void in
            #expect(ports.main != ports.agents)
            #expect(try await get("http://127.0.0.3:\(ports.main)/control/status").0 == 200)
            #expect(try await get("http://127.0.0.2:\(ports.agents)/control/status").0 == 404)
            #expect(try await get("http://127.0.0.2:\(ports.agents)/credentials/s1/model").0 == 200)
            await #expect(throws: (any Error).self) { try await get("http://127.0.0.3:\(ports.agents)/health") }
        }
    }

    @Test(
        "the socket of runs without a network serves what the agent listener does, and is there before the port is told"
    )
    func socket() async throws {
        let path = NSTemporaryDirectory() + "gw-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let base = try #require(URL(httpURLWithSocketPath: path)).absoluteString
        try await serving(Bench(), socket: path) { _ async throws -> Void in
            #expect(try await get(base + "/control/status").0 == 404)
            #expect(try await get(base + "/dashboard").0 == 404)
            #expect(try await get(base + "/health").1 == #"{"status":"ok"}"#)
            #expect(try await get(base + "/locks/list?secret=s2").1 == "[]")
        }
    }

    @Test(
        "a delivery is handled on the event loop of its connection; a large one, and an order of an operator, elsewhere",
        arguments: [
            ("/webhooks/test", "{}", true),
            ("/webhooks/test", #"{"a":"\#(String(repeating: "a", count: 300_000))"}"#, false),
            ("/control/pause", "{}", false),
        ]
    )
    func eventLoop(path: String, body: String, isThere: Bool) async throws {
        let bench = Bench()
        try await serving(bench) { port async throws -> Void in
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
            request.method = .POST
            request.headers.add(name: "Authorization", value: "Bearer key")
            request.body = .bytes(ByteBuffer(string: body))
            #expect(try await HTTPClient.shared.execute(request, timeout: .seconds(10)).status == .ok)
            #expect(bench.planes.state.withLock { $0.areOnEventLoop } == [isThere])
        }
    }

    @Test("where another program has the port of runs, they get a free one, and the same after a restart")
    func busyAgentPort() async throws {
        for _ in 1...20 {
            do {
                return try await startBesideBusyPort()
            } catch let error as GatewayError where error.code == .portInUse {
                // A client of another test has the second one's main port.
                continue
            }
        }
        Issue.record("no port was free")
    }

    private func startBesideBusyPort() async throws {
        let file = NSTemporaryDirectory() + "gw-port-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: file) }
        // Its runs' port is the main port of the second one, whose runs would come there at the same address.
        try await servingBoth(Bench(), agents: "127.0.0.2", exposed: true) { first async throws -> Void in
            let told = Mutex(0)
            for _ in 1...2 {
                try await servingBoth(Bench(), agents: "127.0.0.2", port: first.agents, portFile: file) {
                    ports async throws -> Void in
                    #expect(ports.main == first.agents)
                    #expect(ports.agents != first.agents)
                    #expect(try await get("http://127.0.0.2:\(ports.agents)/health").0 == 200)
                    let before = told.withLock { told in
                        defer { told = ports.agents }
                        return told
                    }
                    #expect(before == 0 || before == ports.agents)
                }
            }
        }
    }

    @Test("a busy port is an error that names the port and the key")
    func busyPort() async throws {
        try await serving(Bench()) { port in
            let second = try Bench().gateway(.init(port: port))
            let error = await #expect(throws: GatewayError.self) { try await second.run() }
            #expect(error?.code == .portInUse)
            #expect(error?.description.contains("gateway.port") == true)
            #expect(error?.description.contains(String(port)) == true)
            #expect(error?.description.contains("a project at port \(port - 1) may have") == true)
        }
    }

    @Test("15.7 the status stream begins with the current status; of 500 changes at once the last one comes at once")
    func stream() async throws {
        var bench = Bench()
        let clock = TestClock()
        bench.clock = clock
        let planes = bench.planes
        try await serving(bench) { port in
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/dashboard/api/status-stream")
            request.headers.add(name: "Authorization", value: "Bearer key")
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
            #expect(response.headers.first(name: "Content-Type") == "text/event-stream")
            var text = ""
            for try await chunk in response.body {
                text += String(buffer: chunk)
                guard text.contains("\"cronJobCount\":2,") else { continue }
                guard !text.contains("\"cronJobCount\":500,") else { break }
                // The stream rests, and so does the heartbeat.
                await clock.waitForSleepers(2)
                for number in 1...500 {
                    planes.set { state in
                        state.cronJobs = number
                        state.listeners.forEach { $0.yield() }
                    }
                }
                clock.advance(by: .milliseconds(500))
            }
            #expect(text.components(separatedBy: "data: {\"agents\":").count - 1 <= 3)
            #expect(planes.state.withLock { $0.statusReads } <= 3)
        }
    }

    @Test("a stream does not outlive the key that let it in")
    func endOfAccess() async throws {
        var bench = Bench()
        let clock = TestClock()
        bench.clock = clock
        let key = bench.key
        try await serving(bench) { port in
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/dashboard/api/status-stream")
            request.headers.add(name: "Authorization", value: "Bearer key")
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
            var statuses = 0
            for try await chunk in response.body where String(buffer: chunk).contains("data: {") {
                statuses += 1
                key.change { $0 = "another" }
                // The stream rests, and so does the heartbeat.
                await clock.waitForSleepers(2)
                clock.advance(by: .seconds(LogStream.heartbeat))
            }
            #expect(statuses == 1)
        }
    }

    @Test("an answer that is overdue at a graceful shutdown is cut off, and the gateway has ended as it should")
    func overdueAnswer() async throws {
        var bench = Bench()
        let clock = TestClock()
        bench.clock = clock
        let door = SilentDoor()
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let gateway = try bench.gateway(.init(port: 0), models: door) { port.yield($0.main) }
        let services = ServiceGroup(
            configuration: .init(services: [.init(service: gateway)], logger: .init(label: "test"))
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            var iterator = ports.makeAsyncIterator()
            let number = try #require(await iterator.next())
            group.addTask {
                var request = HTTPClientRequest(url: "http://127.0.0.1:\(number)/llm/main/v1/messages")
                request.method = .POST
                request.headers.add(name: "x-api-key", value: "token")
                request.body = .bytes(ByteBuffer(string: "{}"))
                // The answer never comes.
                _ = try? await HTTPClient.shared.execute(request, timeout: .seconds(60))
            }
            for await _ in door.asked { break }
            await services.triggerGracefulShutdown()
            await clock.waitForSleepers()
            clock.advance(by: .seconds(5))
            try await group.waitForAll()
        }
    }

    @Test("a graceful shutdown ends the gateway while a stream is open")
    func gracefulShutdown() async throws {
        var bench = Bench()
        bench.clock = ContinuousClock()
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let gateway = try bench.gateway(.init(port: 0, hasWebUI: true)) { port.yield($0.main) }
        let services = ServiceGroup(
            configuration: .init(services: [.init(service: gateway)], logger: .init(label: "test"))
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            var iterator = ports.makeAsyncIterator()
            let number = try #require(await iterator.next())
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(number)/dashboard/api/status-stream")
            request.headers.add(name: "Authorization", value: "Bearer key")
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
            for try await _ in response.body { await services.triggerGracefulShutdown() }
            try await group.waitForAll()
        }
    }
}

/// Never answers.
private final class SilentDoor: ModelDoor {
    /// An element for each request.
    let asked: AsyncStream<Void>
    private let ask: AsyncStream<Void>.Continuation

    init() { (asked, ask) = AsyncStream.makeStream(of: Void.self) }

    func send(_ call: ModelCall) async throws(ModelRefusal) -> ModelAnswer {
        ask.yield()
        // Ends when its task is cancelled.
        for await _ in AsyncStream.makeStream(of: Void.self).stream {}
        throw .unreachable("cut off")
    }
}
