import Foundation
import NIOHTTP1

/// Why a request of a run is not passed on to a host with a secret.
enum BrokerRefusal: String, Error, Hashable, Sendable {
    /// It would come back to the run with everything in it.
    case repeatsItself = "The method repeats the request"
    /// A front that serves many hosts would hand the secret to another one.
    case otherHost = "The request names another host than the tunnel"
}

extension HTTPRequestHead {
    /// Headers that are about a connection and would make something else of it.
    private static let forTheConnection = ["upgrade", "proxy-authorization", "proxy-connection", "http2-settings"]

    /// The request as its host gets it: what stands in for secrets replaced in `Authorization`, nowhere else.
    ///
    /// - Throws: ``BrokerRefusal``.
    func brokered(to host: String, port: Int, _ secrets: [SecretBroker.Secret]) throws(BrokerRefusal) -> HTTPRequestHead
    {
        guard method != .TRACE, method != .CONNECT else { throw .repeatsItself }
        let named = headers["host"].map { $0.lowercased() }
        guard uri.hasPrefix("/") || uri == "*", named == [host] || named == ["\(host):\(port)"] else {
            throw .otherHost
        }
        var head = self
        for name in Self.forTheConnection { head.headers.remove(name: name) }
        let values = head.headers["authorization"]
        head.headers.remove(name: "authorization")
        for value in values { head.headers.add(name: "authorization", value: Self.replaced(value, secrets)) }
        return head
    }

    private static func replaced(_ value: String, _ secrets: [SecretBroker.Secret]) -> String {
        var value = value
        for secret in secrets { value = value.replacing(secret.placeholder, with: secret.value) }
        // RFC 7617: user and password in Base64, as git sends them.
        let words = value.split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2, words[0].lowercased() == "basic", let data = Data(base64Encoded: words[1]) else {
            return value
        }
        var login = String(decoding: data, as: UTF8.self)
        for secret in secrets { login = login.replacing(secret.placeholder, with: secret.value) }
        return "\(words[0]) \(Data(login.utf8).base64EncodedString())"
    }
}
