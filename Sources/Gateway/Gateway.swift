import Foundation
import Hummingbird
import Logging
import NIOCore
import Scheduler
import ServiceLifecycle
import Serving
import Synchronization

/// The HTTP server of the scheduler: the only door for senders, runs and operators.
package struct Gateway: Service {
    let dependencies: GatewayDependencies
    let options: GatewayOptions
    private let onServing: @Sendable (GatewayPorts) async -> Void
    private let state: GatewayState
    private let rooms: ChatRooms
    private let pages: DashboardPages
    private static let everywhere = "0.0.0.0"

    /// Prepares the routes; nothing listens yet.
    ///
    /// - Parameters:
    ///   - dependencies: what it asks.
    ///   - options: where it listens and what it shows.
    ///   - onServing: called with the ports once every listener is up.
    /// - Throws: when a page template is broken.
    package init(
        dependencies: GatewayDependencies,
        options: GatewayOptions,
        onServing: @escaping @Sendable (GatewayPorts) async -> Void = { _ in }
    ) throws {
        self.dependencies = dependencies
        self.options = options
        self.onServing = onServing
        state = GatewayState(sessionsFile: options.sessionsFile)
        rooms = ChatRooms(chats: dependencies.chats, mask: dependencies.mask, now: dependencies.now)
        pages = try DashboardPages(project: options.projectName, version: options.version)
    }

    /// Serves until graceful shutdown: open answers have 5 s to finish, streams end at once.
    ///
    /// - Throws: ``GatewayError`` when an address cannot be listened on.
    package func run() async throws {
        let ends = await dependencies.chats.chatEnds()
        // Cancelled when everything else has ended.
        async let _: Void = rooms.follow(ends)
        try await serveAll()
    }

    private func serveAll() async throws {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Ended.self) { group in
            if let path = options.agentSocketPath {
                let (served, isServed) = AsyncStream.makeStream(of: Void.self)
                group.addTask {
                    defer { isServed.finish() }
                    try await serveSocket(path) { isServed.yield() }
                    return .listener
                }
                for await _ in served { break }
            }
            group.addTask {
                try await serve(.main, at: options.isExposed ? Self.everywhere : "127.0.0.1", port: options.port) {
                    port in
                    state.setPort(port)
                    if options.agentAddress == nil { await onServing(GatewayPorts(main: port, agents: port)) }
                    continuation.yield(port)
                }
                continuation.finish()
                return .listener
            }
            if let address = options.agentAddress {
                group.addTask {
                    guard let port = await ports.first(where: { _ in true }) else { return .listener }
                    try await serveAgents(at: address, besides: port)
                    return .listener
                }
            }
            group.addTask { await patienceIsOver() }
            var listeners = 1 + (options.agentAddress == nil ? 0 : 1) + (options.agentSocketPath == nil ? 0 : 1)
            while listeners > 0, try await group.next() == .listener { listeners -= 1 }
            // What still answers is cut off, which is no failure of the gateway.
            group.cancelAll()
        }
    }

    /// What there was to wait for while the gateway serves.
    private enum Ended { case listener, patience }

    /// The answers of one listener, without a socket.
    package func responder(for listener: ListenerKind) -> GatewayResponder {
        let routes = GatewayRoutes(
            dependencies: dependencies,
            options: options,
            state: state,
            rooms: rooms,
            pages: pages
        )
        return GatewayResponder(
            table: RouteTable(listener == .main ? routes.all : routes.forAgents),
            listener: listener,
            options: options,
            dependencies: dependencies,
            access: routes.access,
            bodies: state.bodies
        )
    }

    /// One listener as an application.
    func application(
        for listener: ListenerKind,
        address: BindAddress,
        reachedAt: String? = nil,
        onServing: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> Application<GatewayResponder> {
        // Hummingbird's own log lines would repeat what the request log says.
        let logger = Logger(label: "gateway") { _ in SwiftLogNoOpLogHandler() }
        return Application(
            responder: responder(for: listener),
            server: HTTP1Connections.server(
                .init(idleTimeout: .seconds(60), httpDecoderConfiguration: .init(maxHeaderListSize: 64 << 10)),
                webSockets: sockets(of: listener).door,
                reachedAt: reachedAt
            ),
            configuration: ApplicationConfiguration(address: address),
            onServerRunning: { channel in await onServing(channel.localAddress?.port ?? 0) },
            logger: logger
        )
    }

    private func sockets(of listener: ListenerKind) -> ChatSockets {
        ChatSockets(
            listener: listener,
            dependencies: dependencies,
            access: AccessControl(dependencies: dependencies, sessions: state.sessions),
            rooms: rooms
        )
    }

    private func serve(
        _ listener: ListenerKind,
        at address: String,
        port: Int,
        reachedAt: String? = nil,
        onServing: @escaping @Sendable (Int) async -> Void
    ) async throws {
        do {
            try await application(
                for: listener,
                address: .hostname(address, port: port),
                reachedAt: reachedAt,
                onServing: onServing
            ).run()
        } catch let error as IOError {
            let isBusy = error.errnoCode == EADDRINUSE
            throw GatewayError(
                code: isBusy ? .portInUse : .cannotListen,
                address: address,
                port: port,
                detail: isBusy ? nil : error.description
            )
        }
    }

    private func serveAgents(at address: String, besides main: Int) async throws {
        // Nobody can listen on an address that is not there yet: all are listened on, and what comes for another one is turned away.
        let listened = options.agentAddressComesWithRuns ? Self.everywhere : address
        let isBeside = options.isExposed || options.agentAddressComesWithRuns
        // Where the main listener's port is taken on that address too: the next one.
        let usual = isBeside ? min(main + 1, Int(UInt16.max)) : main
        let serve: @Sendable (Int) async throws -> Void = { port in
            try await self.serve(.agents, at: listened, port: port, reachedAt: isBeside ? address : nil) { port in
                remember(agentPort: port == usual ? nil : port)
                await onServing(GatewayPorts(main: main, agents: port))
            }
        }
        // Runs of an earlier scheduler come to the port that they were told.
        for port in [rememberedAgentPort, usual].compactMap(\.self) {
            do {
                return try await serve(port)
            } catch let error as GatewayError where error.code == .portInUse {
                continue
            }
        }
        try await serve(0)
    }

    private var rememberedAgentPort: Int? {
        // Without the file it is the usual one.
        let text = options.agentPortFile.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) }
        return text.flatMap { UInt16($0) }.map { Int($0) }
    }

    /// Writes down where runs come to; nothing where that is as usual.
    private func remember(agentPort port: Int?) {
        guard let file = options.agentPortFile else { return }
        // Without the file, runs of this scheduler may not find the next one: no reason not to serve them now.
        if let port {
            try? Data("\(port)".utf8).write(to: URL(fileURLWithPath: file))
        } else {
            try? FileManager.default.removeItem(atPath: file)
        }
    }

    private func serveSocket(_ path: String, onServing: @escaping @Sendable () -> Void) async throws {
        let address = BindAddress.unixDomainSocket(path: path)
        try await application(for: .agents, address: address) { _ in onServing() }.run()
    }

    /// Waits until answers that are still open five seconds after a graceful shutdown began are overdue.
    private func patienceIsOver() async -> Ended {
        // Cancellation means that everything ended by itself.
        if (try? await gracefulShutdown()) != nil { try? await dependencies.clock.sleep(for: .seconds(5)) }
        return .patience
    }
}

/// The two doors of the gateway.
package enum ListenerKind: Hashable, Sendable {
    /// For everybody who holds the right credential.
    case main
    /// For runs in containers only.
    case agents
}

/// What the routes share and the listeners set.
final class GatewayState: Sendable {
    private let portBox = Mutex<Int?>(nil)
    let sessions: SessionStore
    let bodies = BodyMemory()

    init(sessionsFile: String? = nil) { sessions = SessionStore(file: sessionsFile) }

    /// The port of the main listener; `nil` while starting.
    var port: Int? { portBox.withLock { $0 } }

    func setPort(_ port: Int) { portBox.withLock { $0 = port } }
}
