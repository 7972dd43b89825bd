import Domain
import FoundationEssentials
import Hummingbird

extension GatewayRequest {
    /// A query parameter in milliseconds since 1970; `nil` when it is absent or empty.
    ///
    /// - Throws: ``Rejection`` 400 for what is no time.
    func epoch(_ name: String) throws -> Date? {
        guard let text = query(name), !text.isEmpty else { return nil }
        guard let date = Double(text).flatMap({ Date(epochMilliseconds: $0) }) else {
            throw Rejection(.badRequest, error: "Invalid \(name)")
        }
        return date
    }
}
