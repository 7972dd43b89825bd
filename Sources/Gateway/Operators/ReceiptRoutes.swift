import Domain
import FoundationEssentials
import Hummingbird
import NIOCore
import Scheduler
import Storage
import Webhooks

/// `/api/webhooks*`: deliveries as they were stored, and their repetition.
struct ReceiptRoutes {
    let dependencies: GatewayDependencies

    var all: [Route] {
        [
            Route(.get, "/api/webhooks", plane: .operators) { try await list($0) },
            Route(.get, "/api/webhooks/:id", plane: .operators) { try await one($0, key: "delivery") },
            Route(.get, "/api/stats/webhooks/:id", plane: .operators) { try await one($0, key: "receipt") },
            Route(.get, "/api/webhooks/:id/body", plane: .operators) { try await body($0) },
            Route(.post, "/api/webhooks/:id/replay", plane: .operators) { try await replay($0) },
        ]
    }

    private func list(_ call: GatewayRequest) async throws -> Response {
        var query = ReceiptQuery(source: call.query("source"))
        if let text = call.query("status") {
            query.status = ReceiptStatus(rawValue: text)
            guard query.status != nil else { throw Rejection(.badRequest, error: "Invalid status") }
        }
        query.agent = try call.query("agent").map(agent)
        query.since = try call.epoch("since")
        query.limit = min(200, call.query("limit").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 50)
        query.before = call.query("before").flatMap { Int($0) }
        let page = try await dependencies.receipts.receipts(query)
        return try masked(
            .object([
                "deliveries": .array(page.receipts.map(\.json)), "next": page.next.map { .string(String($0)) },
            ])
        )
    }

    private func one(_ call: GatewayRequest, key: String) async throws -> Response {
        try masked([key: try await receipt(call).json])
    }

    private func body(_ call: GatewayRequest) async throws -> Response {
        let receipt = try await receipt(call)
        let bytes = try await bytes(of: receipt)
        let text = String(decoding: bytes, as: UTF8.self)
        let shown = try dependencies.mask(text)
        var headers = HTTPFields.unsniffed
        headers[.contentType] = receipt.headers["content-type"] ?? "application/octet-stream"
        headers[.contentDisposition] = "attachment; filename=\"\(receipt.id)\""
        // A body that holds no secret is sent as it came, whatever its encoding.
        let buffer = shown == text ? ByteBuffer(bytes: bytes) : ByteBuffer(string: shown)
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: buffer))
    }

    private func replay(_ call: GatewayRequest) async throws -> Response {
        let order = try await call.optionalObject()
        let only = try order.wish("agent", \.stringValue).map(agent)
        if let only, await dependencies.operators.facts().agent(only) == nil {
            throw Rejection(.notFound, error: "Agent \(only) not found")
        }
        let isDryRun = try order.wish("dryRun", \.boolValue) ?? false
        let receipt = try await receipt(call)
        let original = try await bytes(of: receipt)
        let sources = dependencies.intake.webhookSources
        let request = WebhookRequest(
            headers: WebhookHeaders(receipt.headers.map { ($0.key, $0.value) }),
            body: original,
            receivedAt: dependencies.now()
        )
        guard let admission = receipt.admission(today: sources) else {
            throw Rejection(.conflict, error: "no source of today hears \(receipt.type) deliveries like this one")
        }
        let hidden = SourceSelection.privateHeaders(in: sources)
        var delivery = VerifiedDelivery(reading: request, try payload(of: request), admission, hiding: hidden)
        delivery.providerDeliveryID = nil
        delivery.onlyAgent = only
        if isDryRun {
            let verdicts = await dependencies.intake.verdicts(on: delivery)
            return try masked(["ok": true, "verdicts": .array(verdicts.map(\.json))])
        }
        let id = dependencies.makeUUID()
        delivery.id = id
        delivery.replay = .init(original: receipt.id, orderedBy: call.bearer == nil ? "session" : "api key")
        return try await commit(delivery, id: id)
    }

    private func commit(_ delivery: VerifiedDelivery, id: String) async throws -> Response {
        do {
            let result = try await dependencies.intake.accept(delivery)
            return .json([
                "ok": true, "matched": .int(result.matched), "skipped": .int(result.skipped),
                "replayReceiptId": .string(id),
            ])
        } catch let refusal as RefusalError {
            throw Rejection(.conflict, error: refusal.reason)
        }
    }

    private func payload(of request: WebhookRequest) throws -> JSONNode {
        do {
            return try request.payload()
        } catch {
            throw Rejection(.conflict, error: "the stored body is not JSON")
        }
    }

    private func receipt(_ call: GatewayRequest) async throws -> Receipt {
        guard let receipt = try await dependencies.receipts.receipt(call["id"]) else {
            throw Rejection(.notFound, error: "Delivery \(call["id"]) not found")
        }
        return receipt
    }

    private func bytes(of receipt: Receipt) async throws -> [UInt8] {
        guard let bytes = try await dependencies.receipts.body(ofReceipt: receipt.id) else {
            let reason = receipt.status == .rejected ? "is not kept: it was rejected" : "was dropped"
            throw Rejection(.gone, error: "the body of delivery \(receipt.id) \(reason)")
        }
        return bytes
    }

    private func agent(_ text: String) throws -> AgentName {
        do {
            return try AgentName(text)
        } catch {
            throw Rejection(.badRequest, error: "Invalid agent name")
        }
    }

    /// A document in which the values of stored credentials are hidden.
    private func masked(_ json: JSONValue) throws -> Response {
        try .json(json, masked: dependencies.mask)
    }
}

extension Receipt {
    /// Who hears the delivery today: those of its sources that still exist; `nil` = none.
    fileprivate func admission(today sources: [String: WebhookSourceConfig]) -> SourceSelection.Admission? {
        let hearers = self.sources.filter { sources[$0]?.type == type }
        guard let provider = WebhookRegistry.provider(of: type), let first = hearers.first.flatMap({ sources[$0] })
        else {
            return nil
        }
        return .init(instance: matchedInstance, hearers: hearers, provider: provider.configured(for: first))
    }
}
