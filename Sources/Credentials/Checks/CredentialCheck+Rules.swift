import Domain
import FoundationEssentials

extension CredentialCheck {
    /// A field's value begins like this.
    static func prefix(_ field: String, _ prefix: String) -> CredentialCheck {
        CredentialCheck { fields in
            (fields[field] ?? "").hasPrefix(prefix) ? nil : "field \"\(field)\" must begin with \(prefix)"
        }
    }

    /// A field's value has at least so many characters.
    static func length(of field: String, atLeast count: Int) -> CredentialCheck {
        CredentialCheck { fields in
            (fields[field] ?? "").count >= count ? nil : "field \"\(field)\" must have at least \(count) characters"
        }
    }

    /// A field's value, when there is one, is a private key in text form.
    static func sshKey(field: String) -> CredentialCheck {
        CredentialCheck { fields in
            guard let key = fields[field], !key.isEmpty else { return nil }
            return key.contains("PRIVATE KEY")
                ? nil : "field \"\(field)\" must hold a private key (BEGIN … PRIVATE KEY)"
        }
    }

    /// A field's value that begins with a mark is base64 after it.
    static func base64(of field: String, after mark: String) -> CredentialCheck {
        CredentialCheck { fields in
            guard let value = fields[field], value.hasPrefix(mark) else { return nil }
            let text = value.dropFirst(mark.count)
            // The padding may be left out.
            let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
            let bytes = Data(base64Encoded: text + padding) ?? Data()
            return bytes.isEmpty ? "field \"\(field)\" must be base64 after \(mark)" : nil
        }
    }

    static let aws = CredentialCheck { fields in
        guard (16...128).contains((fields["access_key_id"] ?? "").count) else {
            return "field \"access_key_id\" must have 16 to 128 characters"
        }
        guard (fields["secret_access_key"] ?? "").count >= 40 else {
            return "field \"secret_access_key\" must have at least 40 characters"
        }
        return nil
    }

    static let discord = CredentialCheck { fields in
        let key = fields["public_key"] ?? ""
        let isHex = key.utf8.count == 64 && key.utf8.allSatisfy { Self.hexDigits.contains($0) }
        return isHex ? nil : "field \"public_key\" must be the 64 hexadecimal digits of the application's page"
    }

    private static let hexDigits = Set("0123456789abcdefABCDEF".utf8)
}
