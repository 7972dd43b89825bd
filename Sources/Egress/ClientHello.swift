/// The name that a TLS client asks for in the first bytes it sends.
///
/// RFC 8446, 4.1.2 (ClientHello) and RFC 6066, 3 (server_name).
enum ClientHello {
    /// What the bytes so far tell.
    enum Reading: Hashable, Sendable {
        /// More bytes are needed.
        case incomplete
        /// Not TLS at all.
        case notTLS
        /// A ClientHello; `nil` without a name, or with one that cannot be read.
        case hello(serverName: String?)
    }

    /// Bytes that a ClientHello may take; more is no honest client.
    static let limit = 64 << 10

    /// Reads the bytes a client sent first.
    static func read(_ bytes: [UInt8]) -> Reading {
        var message: [UInt8] = []
        var records = Cursor(bytes)
        while true {
            guard let type = records.byte() else { return .incomplete }
            guard type == 0x16 else { return message.isEmpty ? .notTLS : .hello(serverName: nil) }
            guard let major = records.byte() else { return .incomplete }
            guard major == 3 else { return .notTLS }
            guard records.byte() != nil, let length = records.number(2) else { return .incomplete }
            guard let fragment = records.take(length) else { return .incomplete }
            message += fragment
            guard message.count >= 4 else { continue }
            guard message[0] == 1 else { return .hello(serverName: nil) }
            let size = Int(message[1]) << 16 | Int(message[2]) << 8 | Int(message[3])
            guard size <= limit else { return .hello(serverName: nil) }
            if message.count >= 4 + size { return .hello(serverName: serverName(in: Array(message[4..<4 + size]))) }
        }
    }

    private static func serverName(in hello: [UInt8]) -> String? {
        var cursor = Cursor(hello)
        // Version, random, session id, cipher suites, compression methods.
        guard cursor.take(34) != nil, let session = cursor.number(1), cursor.take(session) != nil,
            let suites = cursor.number(2), cursor.take(suites) != nil,
            let compressions = cursor.number(1), cursor.take(compressions) != nil,
            let total = cursor.number(2), let extensions = cursor.take(total)
        else { return nil }
        var list = Cursor(extensions)
        while let type = list.number(2), let length = list.number(2), let body = list.take(length) {
            if type == 0 { return hostName(in: body) }
        }
        return nil
    }

    private static func hostName(in body: [UInt8]) -> String? {
        var cursor = Cursor(body)
        guard let total = cursor.number(2), let names = cursor.take(total) else { return nil }
        var list = Cursor(names)
        guard list.number(1) == 0, let length = list.number(2), let name = list.take(length), list.isAtEnd else {
            return nil
        }
        return String(decoding: name, as: UTF8.self).lowercased()
    }

    private struct Cursor {
        private let bytes: [UInt8]
        private var index = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { index == bytes.count }

        mutating func byte() -> UInt8? { take(1)?.first }

        mutating func number(_ width: Int) -> Int? { take(width)?.reduce(0) { $0 << 8 | Int($1) } }

        mutating func take(_ count: Int) -> [UInt8]? {
            guard bytes.count - index >= count else { return nil }
            defer { index += count }
            return Array(bytes[index..<index + count])
        }
    }
}
