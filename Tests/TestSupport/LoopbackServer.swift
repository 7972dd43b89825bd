package import Hummingbird
package import HummingbirdCore
import Logging
import Serving

/// An HTTP server on this machine, for as long as a test needs it.
package enum LoopbackServer {
    /// Serves while the body runs.
    ///
    /// - Parameters:
    ///   - responder: what it answers.
    ///   - address: where it listens.
    ///   - server: what it speaks; `nil` = HTTP/1.1.
    ///   - body: gets the port; 0 = there is none.
    /// - Returns: what the body returns.
    /// - Throws: what the body throws, or that the server could not start.
    package static func run<Responder: HTTPResponder, Result: Sendable>(
        _ responder: Responder,
        at address: BindAddress = .hostname("127.0.0.1", port: 0),
        speaking server: HTTPServerBuilder? = nil,
        _ body: (_ port: Int) async throws -> Result
    ) async throws -> Result
    where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            responder: responder,
            server: server ?? HTTP1Connections.server(),
            configuration: .init(address: address),
            onServerRunning: { port.yield($0.localAddress?.port ?? 0) },
            // That a test ends a server is no news.
            logger: Logger(label: "server") { _ in SwiftLogNoOpLogHandler() }
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { port.finish() }
                try await application.run()
            }
            for await port in ports {
                let result = try await body(port)
                group.cancelAll()
                return result
            }
            try await group.waitForAll()
            throw CancellationError()
        }
    }
}
