/// Why a WebSocket ends; thrown by who handles its messages to end it.
package struct WebSocketClosure: Error, Hashable, Sendable {
    /// The number that the other side is told (RFC 6455, section 7.4).
    package struct Code: RawRepresentable, Hashable, Sendable {
        package let rawValue: UInt16

        /// Wraps a number.
        package init(rawValue: UInt16) { self.rawValue = rawValue }

        /// Everything was said.
        package static let normalClosure = Code(rawValue: 1000)
        /// The server ends, or the page was left.
        package static let goingAway = Code(rawValue: 1001)
        /// The frames break a rule.
        package static let protocolError = Code(rawValue: 1002)
        /// What was sent is of a kind that is not understood.
        package static let unacceptableData = Code(rawValue: 1003)
        /// A text that is no UTF-8.
        package static let inconsistentData = Code(rawValue: 1007)
        /// What was sent is understood and not allowed.
        package static let policyViolation = Code(rawValue: 1008)
        /// A message is longer than the other side takes.
        package static let messageTooLarge = Code(rawValue: 1009)
    }

    /// `nil` = nothing can be told, the connection is gone.
    package var code: Code?
    /// At most 123 bytes of it are sent.
    package var reason: String

    /// Collects both.
    package init(_ code: Code?, _ reason: String = "") {
        self.code = code
        self.reason = reason
    }

    /// Everything was said.
    package static let finished = WebSocketClosure(.normalClosure)
    /// The server ends.
    package static let goingAway = WebSocketClosure(.goingAway, "the server ends")
    /// The connection is gone.
    package static let lost = WebSocketClosure(nil)
}
