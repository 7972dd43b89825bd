import Domain
import Hummingbird
import Scheduler

/// The fields of a run's request, checked in the order they are asked for.
struct RunFields {
    /// Bytes of a body with a text of 1 MiB, of which JSON may write each byte as six.
    static let longBody = 8 << 20
    /// Bytes of the context of a call.
    private static let contextLimit = 1 << 20

    private let json: JSONValue
    private let secret: String?

    /// Reads a JSON body; the secret may also stand in the header.
    init(body call: GatewayRequest, limit: Int = 1 << 20) async throws {
        json = try await call.object(limit: limit)
        secret = json["secret"]?.stringValue ?? call.bearer
    }

    /// Reads a query; the secret may also stand in the header.
    init(query call: GatewayRequest) {
        json = .null
        secret = call.query("secret") ?? call.bearer
    }

    /// The secret.
    ///
    /// - Throws: ``Rejection`` `missing secret`.
    func requireSecret() throws -> String {
        guard let secret, !secret.isEmpty else { throw Rejection(.badRequest, error: "missing secret") }
        return secret
    }

    /// A text.
    ///
    /// - Throws: ``Rejection`` `missing <name>`.
    func require(_ name: String, allowingEmpty: Bool = false) throws -> String {
        guard let text = json[name]?.stringValue, allowingEmpty || !text.isEmpty else {
            throw Rejection(.badRequest, error: "missing \(name)")
        }
        return text
    }

    /// The context of a call.
    ///
    /// - Throws: ``Rejection`` `missing context`, 413 when it is too long.
    func requireContext(allowingEmpty: Bool = false) throws -> String {
        let context = try require("context", allowingEmpty: allowingEmpty)
        guard context.utf8.count <= Self.contextLimit else { throw Rejection.payloadTooLarge }
        return context
    }

    /// A text or `nil`.
    func text(_ name: String) -> String? { json[name]?.stringValue }

    /// Any value but null.
    func value(_ name: String) -> JSONValue? { json[name].flatMap { $0 == .null ? .none : .some($0) } }
}

extension RunsPlane {
    /// The live run with a secret.
    ///
    /// - Throws: ``Rejection`` 403.
    func require(_ secret: String) async throws -> InstanceID {
        guard let run = await run(withSecret: secret) else { throw Rejection.invalidSecret }
        return run
    }
}
