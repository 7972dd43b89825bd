import Crypto
import Domain
import FoundationEssentials

extension CredentialCheck {
    /// With the tokens of a user who that is; without, a public account: an app's own bearer may not ask who it is.
    static let x = CredentialCheck { (fields: Fields, client: ProviderClient) async throws(CheckFailure) in
        let hasUser = !(fields["access_token"] ?? "").isEmpty && !(fields["access_token_secret"] ?? "").isEmpty
        let url = "https://api.x.com/2/users/" + (hasUser ? "me" : "by/username/x")
        let headers =
            hasUser
            ? ["Authorization": OAuth1Signature(fields, client).header(method: "GET", url: url)]
            : bearer(fields["bearer_token"])
        let answer = try await client.accepted(ProviderRequest(url: url, headers: headers), from: "X")
        guard hasUser, let name = answer.json?["data"]?["username"]?.stringValue else { return CheckNotes() }
        return CheckNotes(facts: "logged in as \(name)")
    }
}

/// Signs requests without a body by OAuth 1.0a (RFC 5849) with HMAC-SHA1.
struct OAuth1Signature {
    private let consumerSecret: String
    private let tokenSecret: String
    private let parameters: [(name: String, value: String)]

    /// Takes the four values of `x_twitter_api` that belong to a user.
    init(_ fields: CredentialCheck.Fields, _ client: ProviderClient) {
        consumerSecret = fields["api_secret"] ?? ""
        tokenSecret = fields["access_token_secret"] ?? ""
        parameters = [
            ("oauth_consumer_key", fields["api_key"] ?? ""), ("oauth_nonce", client.makeNonce()),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", String(Int(client.now().timeIntervalSince1970))),
            ("oauth_token", fields["access_token"] ?? ""), ("oauth_version", "1.0"),
        ]
    }

    /// The `Authorization` header of a request without query.
    func header(method: String, url: String) -> String {
        let encoded = parameters.map { "\($0.name)=\(PercentEncoding.encoded($0.value))" }.joined(separator: "&")
        let base = [method, url, encoded].map(PercentEncoding.encoded).joined(separator: "&")
        let key = [consumerSecret, tokenSecret].map(PercentEncoding.encoded).joined(separator: "&")
        let code = HMAC<Insecure.SHA1>.authenticationCode(
            for: Data(base.utf8),
            using: SymmetricKey(data: Data(key.utf8))
        )
        let signed = parameters + [("oauth_signature", Data(code).base64EncodedString())]
        return "OAuth " + signed.map { "\($0.name)=\"\(PercentEncoding.encoded($0.value))\"" }.joined(separator: ", ")
    }
}

/// Percent-encoding by RFC 3986.
enum PercentEncoding {
    private static let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)

    /// Every byte but letters, digits and `-._~` as `%XX`.
    static func encoded(_ text: String) -> String {
        text.utf8.map { unreserved.contains($0) ? String(UnicodeScalar($0)) : "%" + [$0].hexText.uppercased() }.joined()
    }
}
