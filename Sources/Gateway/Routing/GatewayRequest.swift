import Domain
import Hummingbird
import NIOCore

/// A request on its way to a handler.
struct GatewayRequest: Sendable {
    let request: Request
    let parameters: [String: String]
    /// Bytes that the body has, as far as its sender says.
    let declaredLength: Int?
    /// Address of the other end; `nil` when there is no socket.
    let peer: SocketAddress?
    let trustedProxies: [AddressRange]
    let listener: ListenerKind
    /// Closes the client's connection at once.
    let disconnect: @Sendable () -> Void
    /// Whether an operator who asked still is one: sessions end, keys change.
    let isStillOperator: @Sendable () -> Bool
    /// What all bodies that are being read share.
    let bodies: BodyMemory
    let clock: any Clock<Duration>

    /// Who sends it; found out for who asks, as few do.
    var client: ClientAddress {
        ClientAddress(peer: peer?.ipAddress, headers: request.headers, trustedProxies: trustedProxies)
    }

    /// A named segment of the path, decoded.
    subscript(parameter: String) -> String { parameters[parameter] ?? "" }

    /// The first value of a query parameter, decoded.
    func query(_ name: String) -> String? { request.uri.queryParameters[Substring(name)].map(String.init) }

    /// The secret in `Authorization: Bearer`, if any.
    var bearer: String? { bearerToken(in: request.headers) }

    /// Refuses whoever does not come from this machine or by the door of runs, where the main one is open to all: credentials do
    /// not leave over plain HTTP.
    ///
    /// - Throws: ``Rejection`` 404.
    func refuseStrangers(isExposed: Bool) throws {
        if listener == .main, isExposed, !client.isLoopback { throw Rejection.notFound }
    }

    /// Reads the body.
    ///
    /// - Throws: ``Rejection`` 413 beyond the limit, 503 when too much is being read, 408 when a long one takes too long, 400
    ///   when the connection fails.
    func body(limit: Int) async throws -> [UInt8] {
        let length = declaredLength ?? 0
        guard length <= limit else { throw Rejection.payloadTooLarge }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        var long = LongBody(memory: bodies)
        defer { long.end() }
        do {
            for try await buffer in request.body {
                guard bytes.count + buffer.readableBytes <= limit else { throw Rejection.payloadTooLarge }
                bytes.append(contentsOf: buffer.readableBytesView)
                if bytes.count > BodyMemory.uncounted { try long.grow(to: bytes.count, of: self) }
            }
        } catch let rejection as Rejection {
            throw rejection
        } catch {
            throw Rejection(.badRequest, error: "failed to read request body")
        }
        return bytes
    }

    /// Reads the body as a JSON object.
    ///
    /// - Throws: ``Rejection`` 400, 413.
    func object(limit: Int = 1 << 20) async throws -> JSONValue {
        try Self.object(in: try await body(limit: limit))
    }

    /// Reads the body of an order that needs none as a JSON object: no body counts as an empty object.
    ///
    /// - Throws: ``Rejection`` 400, 413.
    func optionalObject() async throws -> JSONValue {
        let bytes = try await body(limit: 1 << 20)
        return bytes.isEmpty ? [:] : try Self.object(in: bytes)
    }

    private static func object(in bytes: [UInt8]) throws -> JSONValue {
        // Why it is no JSON does not matter to the caller.
        guard let value = try? JSONValue(parsing: bytes), value.objectValue != nil else {
            throw Rejection.invalidJSON
        }
        return value
    }
}

/// What a body holds of the memory of all, and for how long.
private struct LongBody {
    /// How long it may take, however slowly its bytes come.
    private static let patience = Duration.seconds(60)

    let memory: BodyMemory
    private var client = ""
    private var taken = 0
    private var isOverdue: (@Sendable () -> Bool)?

    init(memory: BodyMemory) { self.memory = memory }

    /// - Throws: ``Rejection`` 408, 503.
    mutating func grow(to size: Int, of call: GatewayRequest) throws {
        if taken == 0 {
            client = call.client.name
            isOverdue = call.clock.deadline(in: Self.patience)
        }
        guard memory.take(size - taken, for: client) else {
            throw Rejection(.serviceUnavailable, error: "too many large bodies at once", headers: [.retryAfter: "30"])
        }
        taken = size
        guard isOverdue?() != true else {
            throw Rejection(.requestTimeout, error: "the body took longer than 60 s")
        }
    }

    func end() {
        if taken > 0 { memory.giveBack(taken, of: client) }
    }
}

extension JSONValue {
    /// A member that an order may lack; one that cannot be read is no order to do something else.
    ///
    /// - Throws: ``Rejection`` 400.
    func wish<Value>(_ key: String, _ read: (JSONValue) -> Value?) throws -> Value? {
        guard let member = self[key], member != .null else { return nil }
        guard let value = read(member) else { throw Rejection(.badRequest, error: "\(key) is of the wrong type") }
        return value
    }
}

extension Request {
    /// Whether a browser asks, for a page that people read.
    var wantsPage: Bool { headers[.accept]?.contains("text/html") == true }
}

/// The token of an `Authorization: Bearer` header.
func bearerToken(in headers: HTTPFields) -> String? {
    guard let value = headers[.authorization] else { return nil }
    let parts = value.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    return String(parts[1])
}
