import Domain

/// Whether an address belongs to the public internet.
///
/// The ranges are those of IANA's registries of special-purpose addresses (RFC 6890 and its successors); what they leave to
/// private, local or experimental use, to multicast, or to translation into IPv4, is not public.
struct AddressClass: Hashable, Sendable {
    private static let notPublic: [AddressRange] = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8",
        // Azure's machines ask it for what they are, as others do at 169.254.169.254.
        "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    ].compactMap { AddressRange($0) }
    /// Everything else of IPv6 is unassigned or special.
    private static let globalUnicast = AddressRange("2000::/3")
    private static let notPublicUnicast: [AddressRange] = [
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    ].compactMap { AddressRange($0) }

    let isPublic: Bool

    init(_ address: String) {
        let isFour = AddressRange("0.0.0.0/0")?.contains(address) == true
        if isFour {
            isPublic = !Self.notPublic.contains { $0.contains(address) }
        } else {
            isPublic =
                Self.globalUnicast?.contains(address) == true
                && !Self.notPublicUnicast.contains { $0.contains(address) }
        }
    }
}
