import Crypto
package import Domain
import FoundationEssentials

/// Discord: interactions of an application.
///
/// Only Discord has the key that signs, so deliveries cannot be imitated. Format:
/// <https://discord.com/developers/docs/interactions/receiving-and-responding>.
package struct DiscordProvider: WebhookProvider {
    package let type = "discord"
    package let secretType: String? = "discord_bot"
    package let signatureHeaders = ["x-signature-ed25519"]

    package let filters = [
        FilterDefinition(
            "events",
            .choices(["application_command", "message_component", "autocomplete", "modal_submit"]),
            .event
        ),
        FilterDefinition("guilds", .texts, .repo("guild")),
        FilterDefinition("channels", .texts, .discordChannel),
        FilterDefinition("commands", .texts, .discordCommand),
    ]

    private static let events = [
        2: "application_command", 3: "message_component", 4: "autocomplete", 5: "modal_submit",
    ]

    /// There is nothing to configure.
    package init() {}

    package func verify(_ request: WebhookRequest, secrets: [String: String]) -> String? {
        guard let signature = request.headers["x-signature-ed25519"].flatMap({ bytes(hex: trimmed($0)) }),
            signature.count == 64, let timestamp = request.headers["x-signature-timestamp"]
        else { return nil }
        let message = Array(timestamp.utf8) + request.body
        var found: String?
        for (instance, text) in secrets.sorted(by: { $0.key < $1.key }) {
            // A text that is no key fits nothing.
            guard let raw = bytes(hex: trimmed(text)),
                let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw)
            else { continue }
            let fits = key.isValidSignature(signature, for: message)
            if fits, found == nil { found = instance }
        }
        return found
    }

    package func deliveryID(of request: WebhookRequest, payload: JSONNode) -> String? {
        payload["id"]?.nonEmptyText?.stringValue
    }

    package func event(of request: WebhookRequest, payload: JSONNode) -> String {
        let type = payload["type"]?.intValue
        return type.flatMap { Self.events[$0] } ?? (type == 1 ? "ping" : "")
    }

    /// Within three seconds Discord wants to know that something is being done.
    ///
    /// The context has no token of the interaction, which could take its application's place: what an agent has to say is a
    /// message of its own in the channel.
    package func answer(to payload: JSONNode) -> JSONValue? {
        switch payload["type"]?.intValue {
        case 1: ["type": 1]
        case 2, 5: ["type": 5]
        case 3: ["type": 6]
        case 4: ["type": 8, "data": ["choices": []]]
        default: .none
        }
    }

    package func context(of request: WebhookRequest, payload: JSONNode) -> JSONValue? {
        guard let event = payload["type"]?.intValue.flatMap({ Self.events[$0] }) else { return nil }
        let data = payload["data"]
        let name = data?["name"]?.nonEmptyText ?? data?["custom_id"]?.nonEmptyText
        let user = payload["member"]?["user"] ?? payload["user"]
        return .context(
            [
                "source": "discord",
                "event": .string(event),
                "action": name,
                "repo": payload["guild_id"]?.nonEmptyText ?? "",
                "sender": user?["username"]?.nonEmptyText ?? "unknown",
                "timestamp": request.receivedAt.json,
            ],
            [
                "title": name,
                "body": ContextText.cut(Self.values(in: data).joined(separator: ", ")),
                "branch": payload["channel_id"]?.nonEmptyText,
            ]
        )
    }

    /// `name: value` of the options of a command, or of the fields of a form.
    private static func values(in data: JSONNode?) -> [String] {
        var values: [String] = []
        for option in data?["options"]?.elements ?? [] {
            let name = option["name"]?.stringValue ?? ""
            if let value = option["value"] { values.append("\(name): \(text(value))") }
            // Groups of commands hold the options of the command inside.
            values += Self.values(in: option)
        }
        for row in data?["components"]?.elements ?? [] {
            for field in row["components"]?.elements ?? [] {
                guard let id = field["custom_id"]?.stringValue, let value = field["value"] else { continue }
                values.append("\(id): \(text(value))")
            }
        }
        values += (data?["values"]?.elements ?? []).map(text)
        return values
    }

    private static func text(_ value: JSONNode) -> String { value.stringValue ?? value.value.compactText }
}

extension FilterSubject {
    fileprivate static let discordChannel = FilterSubject("channel") { $0["branch"]?.nonNull }

    /// Buttons and forms have no command and pass.
    fileprivate static let discordCommand = FilterSubject("command", .oneOf(passesWithout: true)) { context in
        let isCommand = context["event"] == "application_command" || context["event"] == "autocomplete"
        return isCommand ? context["title"] ?? .null : .none
    }
}
