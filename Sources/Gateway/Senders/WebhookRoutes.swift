import Domain
import FoundationEssentials
import Hummingbird
import OrderedCollections
import Scheduler
import Storage
import Webhooks

/// `/webhooks/*`: from a sender's request to a committed delivery.
struct WebhookRoutes {
    private static let bodyLimit = 10 << 20

    let dependencies: GatewayDependencies
    let isExposed: Bool
    /// Failed and unsigned requests per client.
    private let strangers = RateLimiter(limit: 120, window: 60)
    private let secrets: SecretMemory

    init(dependencies: GatewayDependencies, isExposed: Bool) {
        self.dependencies = dependencies
        secrets = SecretMemory(read: dependencies.secrets)
        self.isExposed = isExposed
    }

    var all: [Route] {
        [
            Route(.post, "/webhooks/:type", plane: .open) { try await receive($0) },
            Route(.post, "/webhooks/:type/:source", plane: .open) { try await receive($0) },
        ]
    }

    private func receive(_ call: GatewayRequest) async throws -> Response {
        do {
            return try await accept(call)
        } catch let rejection as Rejection where [400, 401, 404].contains(rejection.status.code) {
            try countStranger(call)
            throw rejection
        }
    }

    private func accept(_ call: GatewayRequest) async throws -> Response {
        let sources = await dependencies.intake.webhookSources
        let name = call.parameters["source"]
        guard let provider = WebhookRegistry.provider(of: call["type"]),
            let selection = SourceSelection(of: provider, in: sources, named: name)
        else { throw Rejection(.notFound, error: "unknown webhook source: \(name ?? call["type"])") }
        let headers = WebhookHeaders(call.request.headers.map { ($0.name.canonicalName, $0.value) })
        let body = try await call.body(limit: Self.bodyLimit)
        let admission = try admit(call, body: body, headers: headers, by: selection, for: provider)
        if admission.instance == unsignedInstance { try countStranger(call) }
        let payload = try decode(body, type: headers["content-type"])
        let delivery = VerifiedDelivery(
            type: provider.type,
            // Unsigned requests are heard only by sources that may take them; where that is one, it is named.
            source: name ?? onlyHearer(admission),
            matchedInstance: admission.instance,
            providerDeliveryID: provider.deliveryID(headers: headers, payload: payload),
            headers: headers.storable(for: provider),
            body: body,
            event: provider.event(headers: headers, payload: payload),
            context: provider.context(of: payload, headers: headers, at: dependencies.now())
        )
        return try await commit(delivery)
    }

    private func onlyHearer(_ admission: SourceSelection.Admission) -> String? {
        admission.instance == unsignedInstance && admission.hearers.count == 1 ? admission.hearers.first : nil
    }

    private func admit(
        _ call: GatewayRequest,
        body: [UInt8],
        headers: WebhookHeaders,
        by selection: SourceSelection,
        for provider: any WebhookProvider
    ) throws -> SourceSelection.Admission {
        let stored = try provider.secretType.map { try secrets.secrets(of: $0, at: dependencies.now()) } ?? [:]
        do {
            return try selection.admit(
                body: body,
                headers: headers,
                stored: stored,
                isExposed: isExposed || call.client.isProxied
            )
        } catch SourceSelection.Refusal.unknownSource {
            throw Rejection(.notFound, error: "unknown webhook source: \(call.parameters["source"] ?? provider.type)")
        } catch {
            throw Rejection(.unauthorized, error: "signature validation failed")
        }
    }

    private func decode(_ body: [UInt8], type: String?) throws -> JSONValue {
        var json = body
        if type?.lowercased().contains("application/x-www-form-urlencoded") == true {
            guard let field = FormBody.value(of: "payload", in: body) else {
                throw Rejection(.badRequest, error: "missing payload in form body")
            }
            json = field
        }
        // Where the text stops being JSON does not matter to the sender.
        guard let payload = try? JSONValue(parsing: json), payload.objectValue != nil else {
            throw Rejection.invalidJSON
        }
        return payload
    }

    private func commit(_ delivery: VerifiedDelivery) async throws -> Response {
        do {
            let result = try await dependencies.intake.accept(delivery)
            log(
                .info,
                "webhook dispatched",
                delivery,
                ["matched": .int(result.matched), "skipped": .int(result.skipped)]
            )
            return .json(result.json)
        } catch let refusal as RefusalError {
            throw Rejection(.serviceUnavailable, error: refusal.reason, headers: [.retryAfter: "60"])
        } catch {
            log(.error, "webhook dispatch failed", delivery, ["errors": [.string(String(describing: error))]])
            let headers: HTTPFields = [.retryAfter: "30"]
            throw Rejection(.serviceUnavailable, error: "delivery could not be stored", headers: headers)
        }
    }

    private func log(
        _ level: GatewayLogLine.Level,
        _ message: String,
        _ delivery: VerifiedDelivery,
        _ facts: KeyValuePairs<String, JSONValue>
    ) {
        var fields: JSONValue = ["source": .string(delivery.type), "event": .string(delivery.event)]
        for (key, value) in facts { fields[key] = value }
        dependencies.log(GatewayLogLine(level: level, message: message, fields: fields))
    }

    private func countStranger(_ call: GatewayRequest) throws {
        guard strangers.record(call.client.name, at: dependencies.now()) else {
            throw Rejection(.tooManyRequests, error: "too many requests", headers: [.retryAfter: "60"])
        }
    }
}

extension DeliveryResult {
    /// The answer to the sender.
    var json: JSONValue {
        let works = first.map { work in
            JSONValue.object([
                "agent": .string(work.agent.rawValue),
                "instanceId": work.instance.map { .string($0.rawValue) },
                "state": .string(work.state),
            ])
        }
        return .object([
            "ok": true,
            "matched": .int(matched),
            "skipped": .int(skipped),
            "duplicate": isDuplicate ? .some(true) : .none,
            "redelivery": isRedelivery ? .some(true) : .none,
            "first": isDuplicate ? .some(.array(works)) : .none,
        ])
    }
}
