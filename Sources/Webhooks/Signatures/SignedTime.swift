import FoundationEssentials

/// A time in seconds since 1970 that a sender signs with its message.
struct SignedTime {
    /// As it stands in the header, because so it was signed.
    let text: String

    /// Reads a header; `nil` unless it holds digits within the tolerance of the time of arrival.
    init?(header: String?, tolerance: Int, at time: Date) {
        guard let header, !header.isEmpty, header.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let seconds = Double(header), abs(time.timeIntervalSince1970 - seconds) <= Double(tolerance)
        else { return nil }
        text = header
    }
}
