import Domain

/// A header that holds the secret itself.
struct TokenCheck {
    let prefix: String

    /// The first instance by name whose secret the header holds; every candidate is tried.
    func instance(of header: String?, _ secrets: [String: String]) -> String? {
        guard let header else { return nil }
        let given = trimmed(header)
        var found: String?
        for (instance, secret) in secrets.sorted(by: { $0.key < $1.key }) where !secret.isEmpty {
            let fits = (prefix + secret).utf8.isSameSecret(as: given)
            if fits, found == nil { found = instance }
        }
        return found
    }
}
