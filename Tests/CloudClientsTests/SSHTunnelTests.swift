import Domain
import Foundation
import Synchronization
import Testing

@testable import CloudClients

@Suite("A tunnel's connection", .timeLimit(.minutes(5)))
struct SSHTunnelTests {
    /// An `ssh` that holds each call until the test lets it end.
    private final class HeldProgram: Sendable {
        private let calls = Mutex<[[String]]>([])
        private let arrivals: AsyncStream<Void>
        private let arrival: AsyncStream<Void>.Continuation
        /// Ends the call that came last: a stream of which one reader was cancelled is over for all.
        private let end = Mutex<AsyncStream<SSHProgram.End>.Continuation?>(nil)

        init() { (arrivals, arrival) = AsyncStream.makeStream() }

        var count: Int { calls.withLock { $0.count } }

        var program: SSHProgram {
            SSHProgram { [self] arguments, _ in
                calls.withLock { $0.append(arguments) }
                let (ends, end) = AsyncStream.makeStream(of: SSHProgram.End.self)
                self.end.withLock { $0 = end }
                arrival.yield()
                for await result in ends { return result }
                throw CancellationError()
            }
        }

        func awaitCall() async { for await _ in arrivals { return } }

        func finish(_ code: Int32, _ text: String = "") {
            end.withLock { _ = $0?.yield(.init(code: code, errorText: text)) }
        }
    }

    private func tunnel(_ program: SSHProgram) throws -> SSHTunnel {
        SSHTunnel(
            to: try #require(ServerAddress(host: "h")),
            end: .socket("/s"),
            files: try SSHFiles(runtimeDirectory: nil, home: "/tmp/none/with space"),
            knownHosts: ["/k"],
            program: program
        )
    }

    @Test("Those who ask while it connects share the failure instead of trying one after the other")
    func sharesFailure() async throws {
        let held = HeldProgram()
        let tunnel = try tunnel(held.program)
        await withTaskGroup(of: SSHError.Code?.self) { group in
            group.addTask { await Self.failure(of: tunnel) }
            await held.awaitCall()
            for _ in 0..<5 { group.addTask { await Self.failure(of: tunnel) } }
            while await tunnel.waiting.count < 5 { await Task.yield() }
            held.finish(255, "ssh: connect to host h port 22: Connection refused")
            for await code in group { #expect(code == .refused) }
        }
        #expect(held.count == 1)
        await tunnel.close()
    }

    @Test("When the one that connects is cancelled another one connects")
    func handsOver() async throws {
        let held = HeldProgram()
        let tunnel = try tunnel(held.program)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let first = Task { try await tunnel.connect() }
            await held.awaitCall()
            group.addTask { try await tunnel.connect() }
            while await tunnel.waiting.count < 1 { await Task.yield() }
            first.cancel()
            await held.awaitCall()
            held.finish(0)
            try await group.waitForAll()
            await #expect(throws: CancellationError.self) { try await first.value }
        }
        #expect(held.count == 2)
        await tunnel.close()
    }

    private static func failure(of tunnel: SSHTunnel) async -> SSHError.Code? {
        do {
            try await tunnel.connect()
            return nil
        } catch {
            return (error as? SSHError)?.code
        }
    }
}
