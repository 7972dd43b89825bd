import Domain
import FoundationEssentials

/// Signatures of Standard Webhooks, <https://www.standardwebhooks.com>: one or more, each of the id, the time and the body.
struct StandardSignature {
    private let signatures: [HMACSignature]
    private let signedHead: [UInt8]

    /// Reads the headers under their `webhook-` or `svix-` names; `nil` when one is missing or the time is too far off.
    init?(headers: WebhookHeaders, tolerance: Int, at time: Date) {
        let value = { (name: String) in headers["webhook-\(name)"] ?? headers["svix-\(name)"] }
        guard let id = value("id"), let list = value("signature"),
            let signedTime = SignedTime(header: value("timestamp"), tolerance: tolerance, at: time)
        else { return nil }
        // Signatures of other versions (`v1a`) are for other keys.
        signatures = list.split(separator: " ").prefix(16)
            .compactMap { HMACSignature(header: String($0), prefix: "v1,", encoding: .base64) }
        signedHead = Array("\(id).\(signedTime.text).".utf8)
    }

    /// The first instance by name whose secret made one of the signatures.
    func instance(fitting body: [UInt8], among secrets: [String: String]) -> String? {
        let fitting = signatures.compactMap { $0.instance(fitting: [signedHead, body], among: secrets, key: Self.key) }
        return fitting.min()
    }

    /// The base64 code of a delivery; `nil` when the secret is no key.
    static func code(of delivery: ImitatedDelivery, secret: String) -> String? {
        guard let key = key(secret) else { return nil }
        let head = Array("\(delivery.id).\(delivery.timestamp).".utf8)
        return Data(HMACSignature.code([head, delivery.body], key: key, algorithm: .sha256)).base64EncodedString()
    }

    /// The bytes of a secret: decoded after `whsec_`, else as they are.
    private static func key(_ secret: String) -> [UInt8]? {
        let mark = "whsec_"
        guard secret.hasPrefix(mark) else { return Array(secret.utf8) }
        let text = secret.dropFirst(mark.count)
        // Some services leave the padding out.
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Data(base64Encoded: text + padding).map(Array.init)
    }
}
