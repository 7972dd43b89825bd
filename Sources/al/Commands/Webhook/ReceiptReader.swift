import Credentials
import Domain
import Foundation
import Storage

/// Reads deliveries from the running scheduler or, when none answers, from the project's state file.
struct ReceiptReader {
    private let context: ProjectContext

    init(_ context: ProjectContext) { self.context = context }

    /// The document of `GET /api/webhooks`.
    func list(_ query: ReceiptQuery) async throws -> JSONValue {
        try await read {
            try await $0.get("/api/webhooks?" + Self.text(of: query))
        } offline: { store in
            let page = try await store.receipts(query)
            return .object([
                "deliveries": .array(page.receipts.map(\.json)), "next": page.next.map { .string(String($0)) },
            ])
        }
    }

    /// The document of `GET /api/webhooks/<id>`.
    func receipt(_ id: String) async throws -> JSONValue {
        try await read {
            try await $0.get("/api/webhooks/\(id.percentEncoded)")
        } offline: { store in
            guard let receipt = try await store.receipt(id) else { throw Failure("Error: Delivery \(id) not found") }
            return ["delivery": receipt.json]
        }
    }

    /// The body of a delivery.
    func body(_ id: String) async throws -> [UInt8] {
        try await context.ask {
            try await $0.bytes("/api/webhooks/\(id.percentEncoded)/body")
        } offline: { error in
            guard let bytes = try await state(otherwise: error).body(ofReceipt: id) else {
                throw Failure("Error: the body of delivery \(id) is not stored")
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let masked = StoreRedactor(store: context.store).redact(text)
            return masked == text ? bytes : Array(masked.utf8)
        }
    }

    private func read(
        _ ask: (GatewayClient) async throws -> JSONValue,
        offline: (any Receipts) async throws -> JSONValue
    ) async throws -> JSONValue {
        try await context.ask(ask) { error in
            try await context.masked(offline(state(otherwise: error)))
        }
    }

    /// The state file, for reading.
    private func state(otherwise error: GatewayClientError) throws -> any Receipts {
        guard let history = try context.history() else { throw error }
        return history
    }

    private static func text(of query: ReceiptQuery) -> String {
        var parts = ["limit=\(query.limit)"]
        let add = { (name: String, value: String?) in
            if let value { parts.append("\(name)=\(value.percentEncoded)") }
        }
        add("source", query.source)
        add("status", query.status?.rawValue)
        add("agent", query.agent?.rawValue)
        add("since", query.since.map { String($0.epochMilliseconds) })
        return parts.joined(separator: "&")
    }
}
