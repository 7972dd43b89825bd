package import Domain

/// The server on which the scheduler of an environment is.
package struct EnvironmentServer: Hashable, Sendable {
    package var address: ServerAddress
    /// The port of its loopback on which the gateway listens.
    package var gatewayPort: Int

    /// Where gateways of servers listen unless the environment says otherwise.
    package static let usualPort = 3000
}
