import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOHTTP1
import Logging
import ServiceLifecycle
import Synchronization
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

    @Test("the agent listener on all addresses has a port of its own")
    func everywhere() async throws {
        try await servingBoth(Bench(), agents: "0.0.0.0") { ports async throws -> Void in
            #expect(ports.main != ports.agents)
            #expect(try await get("http://127.0.0.1:\(ports.main)/control/status").0 == 200)
            #expect(try await get("http://127.0.0.1:\(ports.agents)/control/status").0 == 404)
            #expect(try await get("http://127.0.0.2:\(ports.agents)/health").0 == 200)
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

    @Test("a busy port is an error that names the port and the key")
    func busyPort() async throws {
        try await serving(Bench()) { port in
            let second = try Bench().gateway(.init(port: port))
            let error = await #expect(throws: GatewayError.self) { try await second.run() }
            #expect(error?.code == .portInUse)
            #expect(error?.description.contains("gateway.port") == true)
            #expect(error?.description.contains(String(port)) == true)
        }
    }

    @Test("15.7 the status stream begins with the current status; 500 changes at once are one event")
    func stream() async throws {
        var bench = Bench()
        bench.clock = ContinuousClock()
        let planes = bench.planes
        try await serving(bench) { port in
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/dashboard/api/status-stream")
            request.headers.add(name: "Authorization", value: "Bearer key")
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
            #expect(response.headers.first(name: "Content-Type") == "text/event-stream")
            var events = 0
            var text = ""
            for try await chunk in response.body {
                text += String(buffer: chunk)
                let seen = text.components(separatedBy: "data: {\"agents\":").count - 1
                guard seen > events else { continue }
                events = seen
                if events == 2 { break }
                for _ in 0..<500 { planes.state.withLock { $0.listeners.forEach { $0.yield() } } }
            }
            #expect(events == 2)
            #expect(planes.state.withLock { $0.statusReads } <= 3)
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
