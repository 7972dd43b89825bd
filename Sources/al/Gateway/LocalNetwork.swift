/// Which hosts are this machine or one of its private network.
enum LocalNetwork {
    /// Whether the host is this machine.
    static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host.hasSuffix(".localhost") || host == "::1" || host == "[::1]"
            || octets(of: host)?.first == 127
    }

    /// Whether the host is this machine or has a private address (RFC 1918, RFC 4193, link-local).
    static func contains(_ host: String) -> Bool {
        if isLoopback(host) { return true }
        let plain = host.lowercased().filter { $0 != "[" && $0 != "]" }
        if plain.contains(":") { return ["fc", "fd", "fe8", "fe9", "fea", "feb"].contains { plain.hasPrefix($0) } }
        guard let octets = octets(of: host) else { return false }
        switch (octets[0], octets[1]) {
        case (10, _), (192, 168), (169, 254), (172, 16...31): return true
        default: return false
        }
    }

    private static func octets(of host: String) -> [UInt8]? {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let octets = parts.compactMap { UInt8($0) }
        return parts.count == 4 && octets.count == 4 ? octets : nil
    }
}
