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
                    timestampHeader: headerName("timestampHeader")
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
        return headerName("header") ?? ""
    }

    /// Reads the name of a header; with another name none can come.
    private func headerName(_ key: String) -> String? {
        guard let name = text(key) else { return nil }
        guard Self.isHeaderName(name) else {
            report.add(.configBadValue, at: full(key), "\(JSONValue.quoted(name)) cannot be the name of a header")
            return nil
        }
        return name
    }

    private static func isHeaderName(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0.isLetterOrDigit || "!#$%&'*+-.^_`|~".utf8.contains($0) }
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
        if case .header(let name) = field, !Self.isHeaderName(name) {
            report.add(.configBadValue, at: full(key), "\(JSONValue.quoted(name)) cannot be the name of a header")
            return nil
        }
        return field
    }
}
