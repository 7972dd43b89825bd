/// Where the gateway can be reached once it serves.
package struct GatewayPorts: Hashable, Sendable {
    /// That of people and senders.
    package var main: Int
    /// That of runs; another one only where their listener takes all addresses.
    package var agents: Int
}
