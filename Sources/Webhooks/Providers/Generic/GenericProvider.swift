package import Domain
import FoundationEssentials

/// Any sender that signs, as its source in the configuration describes it.
package struct GenericProvider: WebhookProvider {
    package let type = "generic"
    package let secretType: String? = "generic_webhook_secret"
    package let isConfiguredPerSource = true
    package let filters = GitHubProvider.definitions(areGitHubs: false)

    private let format: GenericWebhookFormat

    /// With the format of the configuration's defaults until ``configured(for:)``.
    package init() { self.init(GenericWebhookFormat()) }

    init(_ format: GenericWebhookFormat) { self.format = format }

    package func configured(for source: WebhookSourceConfig) -> any WebhookProvider {
        GenericProvider(source.format ?? GenericWebhookFormat())
    }

    package var signatureHeaders: [String] {
        switch format.scheme {
        case .standard: ["webhook-signature", "svix-signature"]
        case .hmac(let form): [form.header.lowercased()]
        case .token(let header, _): [header.lowercased()]
        }
    }

    package func verify(_ request: WebhookRequest, secrets: [String: String]) -> String? {
        switch format.scheme {
        case .standard:
            StandardSignature(headers: request.headers, tolerance: format.tolerance, at: request.receivedAt)?
                .instance(fitting: request.body, among: secrets)
        case .hmac(let form): verify(request, form, secrets)
        case .token(let header, let prefix): TokenCheck(prefix: prefix).instance(of: request.headers[header], secrets)
        }
    }

    private func verify(_ request: WebhookRequest, _ form: HMACFormat, _ secrets: [String: String]) -> String? {
        let signature = HMACSignature(
            header: request.headers[form.header],
            prefix: form.prefix,
            encoding: form.encoding,
            algorithm: form.algorithm
        )
        guard let name = form.timestampHeader else {
            return signature?.instance(fitting: [request.body], among: secrets)
        }
        let time = SignedTime(header: request.headers[name], tolerance: format.tolerance, at: request.receivedAt)
        guard let time else { return nil }
        return signature?.instance(fitting: [Array("\(time.text).".utf8), request.body], among: secrets)
    }

    package func deliveryID(of request: WebhookRequest, payload: JSONNode) -> String? {
        if let delivery = format.delivery {
            let value = value(of: delivery, request, payload)
            return value.flatMap(Self.nonEmpty) ?? value?.intValue.map(String.init)
        }
        guard format.scheme == .standard else { return nil }
        return request.headers["webhook-id"] ?? request.headers["svix-id"]
    }

    package func event(of request: WebhookRequest, payload: JSONNode) -> String {
        let field = format.map["event"] ?? Self.usualEvent
        return field.flatMap { value(of: $0, request, payload) }.flatMap(Self.text) ?? Self.unnamedEvent(format)
    }

    package func context(of request: WebhookRequest, payload: JSONNode) -> JSONValue? {
        let event = event(of: request, payload: payload)
        guard !event.isEmpty else { return nil }
        let mapped = { (key: String) in format.map[key].flatMap { value(of: $0, request, payload) }?.nonNull }
        let plain = { (key: String) in mapped(key).flatMap(Self.text) }
        let text = { (key: String) in plain(key).map(JSONValue.string) }
        return .context(
            [
                "source": "generic",
                "event": .string(event),
                "action": text("action"),
                "repo": text("repo") ?? "",
                "sender": text("sender") ?? "unknown",
                "timestamp": text("timestamp") ?? request.receivedAt.json,
            ],
            [
                "number": mapped("number").flatMap(Self.number),
                "title": text("title"),
                "body": ContextText.cut(plain("body")),
                "url": text("url"),
                "author": text("author"),
                "assignee": text("assignee"),
                "labels": mapped("labels").flatMap(Self.labels),
                "branch": text("branch"),
                "conclusion": text("conclusion"),
                "comment": ContextText.cut(plain("comment")),
            ]
        )
    }

    private static let usualEvent = WebhookField("/event")

    /// What a delivery is called where the configuration names no place for the event, or the delivery has nothing there.
    private static func unnamedEvent(_ format: GenericWebhookFormat) -> String {
        format.map["event"] == nil ? "webhook" : ""
    }

    private func value(of field: WebhookField, _ request: WebhookRequest, _ payload: JSONNode) -> JSONValue? {
        switch field {
        case .pointer(let pointer): pointer.node(in: payload)?.value
        case .header(let name): request.headers[name].map(JSONValue.string)
        case .text(let text): .string(text)
        }
    }

    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text.isEmpty ? nil : text
        case .number(let digits): digits
        case .bool(let value): value ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// A string that is not empty.
    private static func nonEmpty(_ value: JSONValue) -> String? {
        value.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func number(_ value: JSONValue) -> JSONValue? {
        value.intValue == nil ? value.stringValue.flatMap { Int($0) }.map { .int($0) } : value
    }

    /// A list of texts, or of objects with a name.
    private static func labels(_ value: JSONValue) -> JSONValue? {
        value.arrayValue.map {
            .array($0.compactMap { nonEmpty($0) ?? $0["name"].flatMap(nonEmpty) }.map(JSONValue.string))
        }
    }
}

extension GenericProvider: ImitableProvider {
    package var sampleEvents: [String] { [] }

    package func sample(of event: ImitatedEvent, id: String) -> JSONValue {
        .object([
            "event": .string(event.name), "action": event.action.map(JSONValue.string),
            "id": .string(id), "repo": "octo-org/example", "number": 1, "title": "A trial",
        ])
    }

    package func headers(imitating delivery: ImitatedDelivery) -> [(name: String, value: String)]? {
        var plain = [("Content-Type", "application/json")]
        if case .header(let name) = format.delivery { plain.append((name, delivery.id)) }
        guard let secret = delivery.secret else { return plain }
        switch format.scheme {
        case .standard:
            guard let code = StandardSignature.code(of: delivery, secret: secret) else { return nil }
            return plain + [
                ("webhook-id", delivery.id), ("webhook-timestamp", delivery.timestamp),
                ("webhook-signature", "v1,\(code)"),
            ]
        case .token(let header, let prefix): return plain + [(header, prefix + secret)]
        case .hmac(let form):
            let prefix = form.timestampHeader.map { _ in "\(delivery.timestamp)." } ?? ""
            let pieces = [Array(prefix.utf8), delivery.body]
            let code = HMACSignature.code(pieces, key: Array(secret.utf8), algorithm: form.algorithm)
            let text = form.encoding == .hex ? code.hexText : Data(code).base64EncodedString()
            plain.append((form.header, form.prefix + text))
            if let name = form.timestampHeader { plain.append((name, delivery.timestamp)) }
            return plain
        }
    }
}
