import Domain
import Hummingbird

/// Who sends a request, as far as that can be known.
///
/// Forwarding headers count only when the other end of the connection is on this machine or a proxy that the project trusts:
/// anyone else could write anything into them.
struct ClientAddress: Hashable, Sendable {
    /// For counting and for the log.
    let name: String
    /// The request was made on this machine, by no proxy.
    let isLoopback: Bool
    /// The request came through a proxy that may speak for others.
    let isProxied: Bool

    init(peer: String?, headers: HTTPFields, trustedProxies: [AddressRange] = []) {
        let isLocal = peer.map { $0.hasPrefix("127.") || $0 == "::1" || $0.hasPrefix("::ffff:127.") } ?? false
        let isTrusted = isLocal || peer.map { peer in trustedProxies.contains { $0.contains(peer) } } ?? false
        let forwarded = Self.value("X-Forwarded-For", in: headers)
        let real = Self.value("X-Real-IP", in: headers)
        isProxied = isTrusted && (forwarded != nil || real != nil || Self.value("Forwarded", in: headers) != nil)
        isLoopback = isLocal && !isProxied
        // Of a chain of proxies each adds the address it saw: the last one that is no proxy of ours is the client.
        let chain = forwarded?.split(separator: ",").map { String($0.filter { $0 != " " }) } ?? []
        let client = chain.last { address in !trustedProxies.contains { $0.contains(address) } } ?? chain.first
        name = isProxied ? client ?? real ?? "unknown" : peer ?? "unknown"
    }

    private static func value(_ name: String, in headers: HTTPFields) -> String? {
        HeaderName(name).flatMap { headers[$0] }
    }
}
