import Hummingbird

/// Who sends a request, as far as that can be known.
///
/// Forwarding headers count only when the other end of the connection is on this machine: anyone else could write anything
/// into them.
struct ClientAddress: Hashable, Sendable {
    /// For counting and for the log.
    let name: String
    /// The request was made on this machine, by no proxy.
    let isLoopback: Bool
    /// The request came through a proxy on this machine.
    let isProxied: Bool

    init(peer: String?, headers: HTTPFields) {
        let isLocal = peer.map { $0.hasPrefix("127.") || $0 == "::1" || $0.hasPrefix("::ffff:127.") } ?? false
        let forwarded = Self.value("X-Forwarded-For", in: headers)
        let real = Self.value("X-Real-IP", in: headers)
        isProxied = isLocal && (forwarded != nil || real != nil || Self.value("Forwarded", in: headers) != nil)
        isLoopback = isLocal && !isProxied
        // The last entry is the one that the proxy itself wrote; those before it come from the client.
        let last = forwarded?.split(separator: ",").last.map { String($0.filter { $0 != " " }) }
        name = isProxied ? last ?? real ?? "unknown" : peer ?? "unknown"
    }

    private static func value(_ name: String, in headers: HTTPFields) -> String? {
        HeaderName(name).flatMap { headers[$0] }
    }
}
