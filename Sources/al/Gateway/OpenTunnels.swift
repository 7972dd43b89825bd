import CloudClients
import Foundation
import Project
import Synchronization

/// The ssh connections to servers whose gateway only the server itself reaches: one each, made when it is first needed.
final class OpenTunnels: Sendable {
    /// Those of the process: they live until the command ends.
    static let all = OpenTunnels()

    private let tunnels = Mutex<[EnvironmentServer: SSHTunnel]>([:])

    /// The tunnel to a server's gateway; nothing is connected yet.
    ///
    /// - Throws: `SSHError` when there is no private place for its sockets.
    func tunnel(to server: EnvironmentServer, home: String) throws -> SSHTunnel {
        try tunnels.withLock { tunnels in
            if let open = tunnels[server] { return open }
            let tunnel = try SSHTunnel(
                to: server.address,
                end: .port(server.gatewayPort),
                home: home,
                environment: ProcessInfo.processInfo.environment,
                clock: ContinuousClock()
            )
            tunnels[server] = tunnel
            return tunnel
        }
    }

    /// Ends all of them.
    func closeAll() async {
        let open = tunnels.withLock { tunnels in
            defer { tunnels = [:] }
            return tunnels.values
        }
        for tunnel in open { await tunnel.close() }
    }
}
