import Domain

/// Looks at the first bytes that a client sends into a tunnel.
///
/// A client that speaks TLS must ask for the very host that was checked, else one server of many names would open all of
/// them. One that does not speak TLS may speak only where an entry names the port, such as ssh on 22.
struct TunnelInspection: Hashable, Sendable {
    /// What the bytes so far tell.
    enum Finding: Hashable, Sendable {
        case undecided
        case passes
        case refused(EgressDecision.Refusal)
    }

    /// As asked for with CONNECT.
    var host: String
    var carriesAnything: Bool

    /// Judges the bytes; at the end of what the client says nothing stays undecided.
    func judge(_ bytes: [UInt8], isAtEnd: Bool) -> Finding {
        switch ClientHello.read(bytes) {
        case .hello(let name):
            // To an address, no name is sent.
            let expected = AddressRange(host) == nil ? host : nil
            return name == expected ? .passes : .refused(.wrongName)
        case .notTLS: return plain
        case .incomplete:
            return isAtEnd || bytes.count > ClientHello.limit ? (bytes.isEmpty ? .passes : plain) : .undecided
        }
    }

    private var plain: Finding { carriesAnything ? .passes : .refused(.notTLS) }
}
