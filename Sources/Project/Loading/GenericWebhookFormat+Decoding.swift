import Domain
import OrderedCollections

extension GenericWebhookFormat {
    /// Reads the keys of a `generic` source beside `type`, `credential` and `allowUnsigned`.
    init(decoding decoder: TableDecoder) {
        let scheme = decoder.choice("scheme", among: ["standard", "hmac", "token"]) ?? "standard"
        self.init(scheme: decoder.signatureScheme(scheme))
        tolerance = decoder.integer("tolerance", 0...Int.max) ?? tolerance
        delivery = decoder.webhookField("delivery")
        guard let table = decoder.table("map") else { return }
        for key in Self.mappableKeys {
            if let field = table.webhookField(key) { map[key] = field }
        }
        table.finish()
    }
}

extension TableDecoder {
    fileprivate func signatureScheme(_ name: String) -> GenericWebhookFormat.Scheme {
        switch name {
        case "hmac":
            return .hmac(
                HMACFormat(
                    header: requiredHeader(of: name),
                    algorithm: choice("algorithm", of: HMACFormat.Algorithm.self) ?? .sha256,
                    encoding: choice("encoding", of: HMACFormat.Encoding.self) ?? .hex,
                    prefix: text("prefix", emptyMeansNone: true) ?? "",
                    timestampHeader: text("timestampHeader")
                )
            )
        case "token":
            reportIdle(["algorithm", "encoding", "timestampHeader"], with: name)
            return .token(header: requiredHeader(of: name), prefix: text("prefix", emptyMeansNone: true) ?? "")
        default:
            reportIdle(["header", "algorithm", "encoding", "prefix", "timestampHeader"], with: name)
            return .standard
        }
    }

    private func requiredHeader(of scheme: String) -> String {
        if members["header"] == nil {
            report.add(
                .configBadValue,
                at: full("header"),
                "is missing (scheme = \(JSONValue.quoted(scheme)) needs it)"
            )
        }
        return text("header") ?? ""
    }

    private func reportIdle(_ keys: [String], with scheme: String) {
        for key in keys where value(key) != nil {
            report.add(.configNoEffect, at: full(key), "has no effect with scheme = \(JSONValue.quoted(scheme))")
        }
    }

    fileprivate func webhookField(_ key: String) -> WebhookField? {
        guard let text = text(key) else { return nil }
        guard let field = WebhookField(text) else {
            let message = "\(JSONValue.quoted(text)) is no JSON pointer (\"/a/b\"), \"header:<name>\" or \"=text\""
            report.add(.configBadValue, at: full(key), message)
            return nil
        }
        return field
    }
}
