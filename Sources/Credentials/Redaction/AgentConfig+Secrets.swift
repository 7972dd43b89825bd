package import Domain
import OrderedCollections

extension AgentConfig {
    /// Secrets that stand in the configuration itself: values of headers and of variables of tool servers, as far as their names
    /// say that they are secret.
    ///
    /// Not every value: hiding `application/json` or `production` wherever it occurs would spoil more than it protects. Values
    /// with a `${NAME}` are those of a credential, which is hidden by itself.
    package var writtenSecrets: [Secret] { Self.secrets(in: json, under: []) }

    private static func secrets(in value: JSONValue, under keys: [String]) -> [Secret] {
        switch value {
        case .object(let members): members.flatMap { secrets(in: $0.value, under: keys + [$0.key]) }
        case .array(let values): values.flatMap { secrets(in: $0, under: keys) }
        case .string(let text):
            if SecretValues.mayBeSecret(keys), let name = keys.last, isSecret(name), !text.contains("${") {
                [Secret(type: "config", field: name, value: credential(in: text, of: name))]
            } else {
                []
            }
        default: []
        }
    }

    private static let secretWords: Set<String> = [
        "apikey", "auth", "authorization", "cookie", "credential", "credentials", "key", "passwd", "password", "pat",
        "secret", "token",
    ]

    /// Words at the end of a name that make it speak about a secret: `KEY_FILE`, `COOKIE_DOMAIN`.
    private static let plainWords: Set<String> = [
        "algorithm", "domain", "dir", "directory", "enabled", "endpoint", "expiry", "file", "header", "host", "issuer",
        "length", "limit", "method", "mode", "name", "path", "port", "prefix", "provider", "realm", "region", "scope",
        "timeout", "ttl", "type", "uri", "url",
    ]

    /// Whether one of a name's words says so, as in `API_KEY` and `GITHUB_TOKEN_PROD`.
    private static func isSecret(_ name: String) -> Bool {
        let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
        return !secretWords.isDisjoint(with: words) && !(words.last.map(plainWords.contains) ?? false)
    }

    /// The value without the scheme in front of it: `Bearer …`.
    private static func credential(in text: String, of name: String) -> String {
        guard name.lowercased().hasSuffix("authorization"), let blank = text.firstIndex(of: " ") else { return text }
        return text[blank...].trimmingPrefix(" ").description
    }
}
