import Domain
import FoundationEssentials
import Hummingbird
import Scheduler
import Storage
import Webhooks

/// `/webhooks/*`: from a sender's request to a committed delivery.
struct WebhookRoutes {
    private static let bodyLimit = 10 << 20

    let dependencies: GatewayDependencies
    let options: GatewayOptions
    /// Failed and unsigned requests per client.
    private let strangers = RateLimiter(limit: 120, window: 60)
    private let secrets: SecretMemory
    /// The headers that no delivery is stored with.
    private let hidden: Set<String>
    /// Clients whose refusals were in the log within the last minute.
    private let news = RateLimiter(limit: 1, window: 60)
    /// Verified requests per source; `nil` = as many as come.
    private let known: RateLimiter?

    init(dependencies: GatewayDependencies, options: GatewayOptions) {
        self.dependencies = dependencies
        let intake = dependencies.intake
        secrets = SecretMemory { [secrets = dependencies.secrets] type in
            try secrets(type, SourceSelection.instances(of: type, in: intake.webhookSources))
        } report: { [log = dependencies.log] reason in
            let fields: JSONValue = ["error": .string(reason)]
            log(GatewayLogLine(level: .warn, message: "webhook secret cannot be read", fields: fields))
        }
        hidden = SourceSelection.privateHeaders(in: intake.webhookSources)
        self.options = options
        known = options.webhookRate.map { RateLimiter(limit: $0, window: 60) }
    }

    var all: [Route] {
        [
            Route(.post, "/webhooks/:type", plane: .open, isBrief: true) { try await receive($0) },
            Route(.post, "/webhooks/:type/:source", plane: .open, isBrief: true) { try await receive($0) },
        ]
    }

    private func receive(_ call: GatewayRequest) async throws -> Response {
        let sources = dependencies.intake.webhookSources
        let name = call.parameters["source"]
        guard let provider = WebhookRegistry.provider(of: call["type"]),
            let selection = SourceSelection(of: provider, in: sources, named: name)
        else { return try await refuseUnknown(call) }
        let headers = WebhookHeaders(call.request.headers.map { ($0.name.canonicalName, $0.value) })
        let body = try await body(of: call)
        let request = WebhookRequest(headers: headers, body: body, receivedAt: dependencies.now())
        do {
            return try await accept(request, of: call, selection, for: provider)
        } catch let rejection as Rejection where [400, 401].contains(rejection.status.code) {
            try await note(rejection, of: request, call, for: provider)
            throw rejection
        }
    }

    private func body(of call: GatewayRequest) async throws -> [UInt8] {
        do {
            return try await call.body(limit: Self.bodyLimit)
        } catch let rejection as Rejection where rejection.status != .serviceUnavailable {
            try countStranger(call.client.name)
            throw rejection
        }
    }

    private func accept(
        _ request: WebhookRequest,
        of call: GatewayRequest,
        _ selection: SourceSelection,
        for provider: any WebhookProvider
    ) async throws -> Response {
        let admission: SourceSelection.Admission
        do {
            admission = try admit(request, of: call, selection, for: provider)
        } catch SourceSelection.Refusal.unknownSource {
            return try await refuseUnknown(call)
        } catch SourceSelection.Refusal.badSignature {
            throw Rejection(.unauthorized, error: "signature validation failed")
        } catch {
            throw try await refuseUnjudged(call, provider, because: error)
        }
        let isUnsigned = admission.instance == unsignedInstance
        // One that fails is counted where it is noted.
        if isUnsigned, strangers.isExhausted(call.client.name, at: request.receivedAt) { throw Self.tooManyRequests }
        try count(admission)
        let payload = try payload(of: request)
        if isUnsigned { try countStranger(call.client.name) }
        noteLateness(of: request, payload, admission.provider)
        return try await commit(
            VerifiedDelivery(reading: request, payload, admission, hiding: hidden),
            of: call,
            answer: admission.provider.answer(to: payload)
        )
    }

    /// Judges a delivery by the secrets as they are remembered and, where none fits, as they are now.
    private func admit(
        _ request: WebhookRequest,
        of call: GatewayRequest,
        _ selection: SourceSelection,
        for provider: any WebhookProvider
    ) throws -> SourceSelection.Admission {
        let isExposed = options.isExposed || call.client.isProxied
        guard let type = provider.secretType else {
            return try selection.admit(request, stored: [:], isExposed: isExposed)
        }
        let remembered = try secrets.secrets(of: type, at: request.receivedAt)
        do throws(SourceSelection.Refusal) {
            return try selection.admit(request, stored: remembered, isExposed: isExposed)
        } catch {
            let time = request.receivedAt
            guard let stored = try secrets.changedSecrets(of: type, than: remembered, at: time) else { throw error }
            return try selection.admit(request, stored: stored, isExposed: isExposed)
        }
    }

    private func count(_ admission: SourceSelection.Admission) throws {
        guard let known else { return }
        let now = dependencies.now()
        guard !admission.hearers.contains(where: { known.isExhausted($0, at: now) }) else { throw Self.tooManyRequests }
        for hearer in admission.hearers { _ = known.record(hearer, at: now) }
    }

    private func payload(of request: WebhookRequest) throws -> JSONNode {
        do {
            return try request.payload()
        } catch .missingPayload {
            throw Rejection(.badRequest, error: "missing payload in form body")
        } catch {
            throw Rejection.invalidJSON
        }
    }

    private func commit(
        _ delivery: VerifiedDelivery,
        of call: GatewayRequest,
        answer: JSONValue?
    ) async throws -> Response {
        do {
            let result = try await dependencies.intake.accept(delivery)
            return .json(answer ?? result.json)
        } catch let refusal as RefusalError {
            log(.warn, of: delivery.type, "status", 503, refusal.reason)
            if news.record(call.client.name, at: dependencies.now()) {
                await dependencies.intake.noteActivity("\(delivery.type): \(refusal.reason)")
            }
            throw Rejection(.serviceUnavailable, error: refusal.reason, headers: [.retryAfter: "60"])
        } catch {
            log(.error, of: delivery.type, "event", .string(delivery.event), String(describing: error))
            let headers: HTTPFields = [.retryAfter: "30"]
            throw Rejection(.serviceUnavailable, error: "delivery could not be stored", headers: headers)
        }
    }

    /// Writes that a delivery was lost unless its sender repeats it.
    private func log(_ level: GatewayLogLine.Level, of type: String, _ key: String, _ value: JSONValue, _ error: String)
    {
        let fields: JSONValue = ["source": .string(type), key: value, "errors": [.string(error)]]
        dependencies.log(GatewayLogLine(level: level, message: "webhook dispatch failed", fields: fields))
    }

    private static let tooManyRequests = Rejection(
        .tooManyRequests,
        error: "too many requests",
        headers: [.retryAfter: "60"]
    )

    private func countStranger(_ client: String) throws {
        guard strangers.record(client, at: dependencies.now()) else { throw Self.tooManyRequests }
    }
}

extension WebhookRoutes {
    /// Answers 404; nothing is stored, because there is no source it could belong to.
    private func refuseUnknown(_ call: GatewayRequest) async throws -> Response {
        let client = call.client.name
        try countStranger(client)
        let name = call.parameters["source"] ?? call["type"]
        if news.record(client, at: dependencies.now()) {
            await dependencies.intake.noteActivity(
                "Rejected: unknown source \(JSONValue.quoted(String(name.prefix(100))))"
            )
        }
        throw Rejection(.notFound, error: "unknown webhook source: \(name)")
    }

    /// The refusal of a delivery that nobody can judge, because a secret cannot be read; its sender may repeat it.
    private func refuseUnjudged(
        _ call: GatewayRequest,
        _ provider: any WebhookProvider,
        because error: any Error
    ) async throws -> Rejection {
        let client = call.client.name
        try countStranger(client)
        let reason = "the secret of a source cannot be read"
        if news.record(client, at: dependencies.now()) {
            let error = error is SourceSelection.Refusal ? reason : String(describing: error)
            log(.error, of: provider.type, "status", 503, error)
            await dependencies.intake.noteActivity("\(provider.type): \(reason)")
        }
        return Rejection(.serviceUnavailable, error: "signature cannot be checked", headers: [.retryAfter: "60"])
    }

    /// Keeps a record of a refused delivery; the log hears of a client once a minute.
    private func note(
        _ rejection: Rejection,
        of request: WebhookRequest,
        _ call: GatewayRequest,
        for provider: any WebhookProvider
    ) async throws {
        let client = call.client.name
        try countStranger(client)
        let reason = rejection.body["error"]?.stringValue ?? ""
        if news.record(client, at: dependencies.now()) {
            let fields: JSONValue = [
                "source": .string(provider.type), "client": .string(client), "reason": .string(reason),
            ]
            dependencies.log(GatewayLogLine(level: .warn, message: "webhook rejected", fields: fields))
            await dependencies.intake.noteActivity("\(provider.type): \(reason)")
        }
        await dependencies.intake.reject(
            RejectedDelivery(
                id: dependencies.makeUUID(),
                type: provider.type,
                source: call.parameters["source"],
                reason: reason,
                receivedAt: request.receivedAt,
                headers: request.headers.storable(hiding: hidden),
                bodyBytes: request.body.count
            )
        )
    }

    /// A delivery that is signed and old counts on first sight, because the id protects against repetition; it is logged.
    private func noteLateness(of request: WebhookRequest, _ payload: JSONNode, _ provider: any WebhookProvider) {
        guard let time = provider.sentAt(request, payload: payload) else { return }
        let seconds = request.receivedAt.timeIntervalSince(time)
        guard abs(seconds) > 300, abs(seconds) < 1e9 else { return }
        let fields: JSONValue = ["source": .string(provider.type), "seconds": .int(Int(seconds))]
        dependencies.log(GatewayLogLine(level: .info, message: "webhook is late", fields: fields))
    }
}

extension VerifiedDelivery {
    /// Reads what a sender sent, as far as it may be stored: without the hidden headers (``SourceSelection/privateHeaders(in:)``).
    init(
        reading request: WebhookRequest,
        _ payload: JSONNode,
        _ admission: SourceSelection.Admission,
        hiding hidden: Set<String>
    ) {
        let provider = admission.provider
        let id = provider.deliveryID(of: request, payload: payload)
        self.init(
            type: provider.type,
            hearers: admission.hearers,
            matchedInstance: admission.instance,
            // An empty one would make all deliveries the same.
            providerDeliveryID: id?.utf8.contains { $0 > 0x20 } == true ? id : nil,
            hasIDOfItsSource: provider.isConfiguredPerSource,
            headers: request.headers.storable(hiding: hidden),
            body: request.body,
            event: provider.event(of: request, payload: payload),
            context: provider.context(of: request, payload: payload)
        )
    }
}
