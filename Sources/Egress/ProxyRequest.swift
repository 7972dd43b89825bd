import Domain
import Foundation

/// The head of a request to the proxy, as far as it decides where the connection goes.
///
/// CONNECT with an authority (RFC 9110, 9.3.6), or any method with an absolute `http` URI (RFC 9112, 3.2.2).
struct ProxyRequest: Hashable, Sendable {
    /// Why a head is no request that can be served.
    enum Mistake: String, Error, Hashable, Sendable {
        case malformed = "The head of the request is malformed"
        case notAProxyRequest = "This is a proxy: use CONNECT or an absolute http URL"
        /// Where a body ends must be known, for behind it nothing is sent on.
        case lengthRequired = "A request through this proxy needs a Content-Length"
    }

    /// Name or address, in lower case, without brackets.
    let host: String
    let port: Int
    let isTunnel: Bool
    /// The run's token; `nil` when none came.
    let token: String?
    /// What is sent on: empty for a tunnel, else the head in origin form without what is meant for the proxy.
    let forwardedHead: String
    /// Bytes of the body behind a head that is sent on.
    let bodyLength: Int

    /// Reads a head, up to and without the empty line.
    init(head: String) throws(Mistake) {
        var lines = head.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
        guard !lines.isEmpty else { throw .malformed }
        let words = lines.removeFirst().split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 3, words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0",
            words[1].utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else { throw .malformed }
        let fields = try Self.fields(lines)
        token = fields.first { $0.name == "proxy-authorization" }.flatMap { Self.token(in: $0.value) }
        if words[0] == "CONNECT" {
            (host, port) = try Self.authority(words[1], defaultPort: nil)
            isTunnel = true
            forwardedHead = ""
            bodyLength = 0
        } else {
            let prefix = "http://"
            guard words[1].lowercased().hasPrefix(prefix) else { throw .notAProxyRequest }
            let rest = words[1].dropFirst(prefix.count)
            let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            (host, port) = try Self.authority(String(authority), defaultPort: 80)
            isTunnel = false
            bodyLength = try Self.bodyLength(fields)
            let path = rest.dropFirst(authority.count)
            let target = path.hasPrefix("/") ? String(path) : "/\(path)"
            // The connection serves one host, so it ends with this exchange.
            let kept = fields.filter { !Self.forTheProxy.contains($0.name) }.map { "\($0.name): \($0.value)" }
            let head = ["\(words[0]) \(target) \(words[2])", "host: \(authority)"] + kept + ["connection: close"]
            forwardedHead = head.joined(separator: "\r\n") + "\r\n\r\n"
        }
    }

    private static let forTheProxy: Set<String> = [
        "host", "connection", "keep-alive", "proxy-authorization", "proxy-connection", "upgrade",
    ]

    private static func bodyLength(_ fields: [(name: String, value: String)]) throws(Mistake) -> Int {
        guard !fields.contains(where: { $0.name == "transfer-encoding" }) else { throw .lengthRequired }
        let lengths = fields.filter { $0.name == "content-length" }.map(\.value)
        guard let length = lengths.first else { return 0 }
        guard lengths.count == 1, length.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(length) else {
            throw .malformed
        }
        return count
    }

    private static func fields(_ lines: [String]) throws(Mistake) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        for line in lines where !line.isEmpty {
            // A name with a blank or a value with a line end means one thing here and another to the server.
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex,
                line[..<colon].utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
                line.utf8.allSatisfy({ $0 >= 0x20 || $0 == 0x09 })
            else {
                throw .malformed
            }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            fields.append((line[..<colon].lowercased(), value))
        }
        return fields
    }

    private static func authority(_ text: String, defaultPort: Int?) throws(Mistake) -> (String, Int) {
        guard !text.contains("@"), !text.isEmpty else { throw .malformed }
        let parts: (host: Substring, rest: Substring)
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw .malformed }
            parts = (text[text.index(after: text.startIndex)..<end], text[text.index(after: end)...])
        } else {
            let host = text.prefix { $0 != ":" }
            parts = (host, text.dropFirst(host.count))
        }
        // A dot at the end only says that a name is complete.
        let host = parts.host.hasSuffix(".") ? parts.host.dropLast() : parts.host
        guard !host.isEmpty, host.utf8.allSatisfy({ $0.isLetterOrDigit || ".-_:".utf8.contains($0) }) else {
            throw .malformed
        }
        if parts.rest.isEmpty, let defaultPort { return (host.lowercased(), defaultPort) }
        guard parts.rest.hasPrefix(":"), let port = Int(parts.rest.dropFirst()), (1...65535).contains(port) else {
            throw .malformed
        }
        return (host.lowercased(), port)
    }

    /// `Basic` with the token as password, which is what a URL with user information makes of it, or `Bearer`.
    private static func token(in value: String) -> String? {
        let words = value.split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2 else { return nil }
        switch words[0].lowercased() {
        case "bearer": return words[1]
        case "basic":
            guard let data = Data(base64Encoded: words[1]) else { return nil }
            let pair = String(decoding: data, as: UTF8.self).split(separator: ":", maxSplits: 1).map(String.init)
            return pair.count == 2 ? pair[1] : nil
        default: return nil
        }
    }
}
