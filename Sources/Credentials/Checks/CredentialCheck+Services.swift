import Domain
import FoundationEssentials

extension CredentialCheck {
    static let github = CredentialCheck { (fields: Fields, client: ProviderClient) async throws(CheckFailure) in
        let headers = bearer(fields["token"]).merging(["Accept": "application/vnd.github+json"]) { $1 }
        let user = try await client.accepted(
            ProviderRequest(url: "https://api.github.com/user", headers: headers),
            from: "GitHub",
            call: "/user"
        )
        let repositories = try await client.accepted(
            ProviderRequest(
                url: "https://api.github.com/user/repos?sort=updated&per_page=100",
                headers: headers
            ),
            from: "GitHub",
            call: "/user/repos"
        )
        guard let login = user.json?["login"]?.stringValue else { throw .notUnderstood("GitHub") }
        let count = repositories.json?.arrayValue?.count ?? 0
        var notes = CheckNotes()
        notes.facts = ["logged in as \(login), \(count)\(count == 100 ? "+" : "") repositories"]
        // Fine-grained tokens have no such header.
        if let scopes = user.headers["x-oauth-scopes"] {
            let granted = Set(scopes.split(separator: ",").map { $0.filter { $0 != " " } })
            let lacking = ["repo", "workflow"].filter { !granted.contains($0) }
            if !lacking.isEmpty { notes.warnings = ["the token lacks the scope \(lacking.joined(separator: " and "))"] }
        }
        return notes
    }

    static let linear = CredentialCheck { (fields: Fields, client: ProviderClient) async throws(CheckFailure) in
        try await askLinear(authorization: fields["token"] ?? "", client)
    }

    static let linearOAuth = CredentialCheck { (fields: Fields, client: ProviderClient) async throws(CheckFailure) in
        try await askLinear(authorization: "Bearer \(fields["access_token"] ?? "")", client)
    }

    private static func askLinear(
        authorization: String,
        _ client: ProviderClient
    ) async throws(CheckFailure) -> CheckNotes {
        let request = ProviderRequest(
            method: "POST",
            url: "https://api.linear.app/graphql",
            headers: ["Authorization": authorization, "Content-Type": "application/json"],
            body: #"{"query":"query { viewer { id name } }"}"#
        )
        let answer = try await client.answer(to: request, from: "Linear")
        if answer.status == 401 { throw .refused("Linear refused it: the token is invalid (HTTP 401)") }
        if let errors = answer.json?["errors"]?.arrayValue, !errors.isEmpty {
            throw .refused(
                "Linear refused it: the token is invalid or has too few rights"
                    + (client.message(in: answer).map { ": \($0)" } ?? "")
            )
        }
        guard answer.isSuccess else { throw client.failure(answer, from: "Linear") }
        guard let name = answer.json?["data"]?["viewer"]?["name"]?.stringValue else { throw .notUnderstood("Linear") }
        return CheckNotes(facts: "logged in as \(name)")
    }

    static let bugsnag = CredentialCheck { (fields: Fields, client: ProviderClient) async throws(CheckFailure) in
        let headers = ["Authorization": "token \(fields["token"] ?? "")"]
        let request = ProviderRequest(url: "https://api.bugsnag.com/user", headers: headers)
        _ = try await client.accepted(request, from: "Bugsnag")
        return CheckNotes()
    }

    static let netlify = CredentialCheck { (fields: Fields, client: ProviderClient) async throws(CheckFailure) in
        let request = ProviderRequest(url: "https://api.netlify.com/api/v1/user", headers: bearer(fields["token"]))
        _ = try await client.accepted(request, from: "Netlify")
        return CheckNotes()
    }

    static let sentry = CredentialCheck { (fields: Fields, client: ProviderClient) async throws(CheckFailure) in
        let organizations = try await sentryList("organizations/", token: fields["token"] ?? "", client)
        guard !organizations.isEmpty else { throw .refused("Sentry shows no organization to this token") }
        return CheckNotes(facts: "organizations: " + organizations.joined(separator: ", "))
    }

    static let reddit = CredentialCheck { (fields: Fields, client: ProviderClient) async throws(CheckFailure) in
        let login = "\(fields["client_id"] ?? ""):\(fields["client_secret"] ?? "")"
        let form = [
            ("grant_type", "password"), ("username", fields["username"] ?? ""), ("password", fields["password"] ?? ""),
        ]
        let request = ProviderRequest(
            method: "POST",
            url: "https://www.reddit.com/api/v1/access_token",
            headers: [
                "Authorization": "Basic " + Data(login.utf8).base64EncodedString(),
                "Content-Type": "application/x-www-form-urlencoded", "User-Agent": fields["user_agent"] ?? "",
            ],
            body: form.map { "\($0)=\(PercentEncoding.encoded($1))" }.joined(separator: "&")
        )
        let answer = try await client.answer(to: request, from: "Reddit")
        if answer.status == 401 {
            throw .refused(
                "Reddit refused it: client id and secret are wrong, or the app is not of type script (HTTP 401)"
            )
        }
        if let error = answer.json?["error"]?.stringValue {
            let detail = answer.json?["error_description"]?.stringValue.map { " (\($0))" } ?? ""
            throw .refused("Reddit refused it: \(error)\(detail)")
        }
        guard answer.isSuccess else { throw client.failure(answer, from: "Reddit") }
        guard answer.json?["access_token"]?.stringValue != nil else { throw .notUnderstood("Reddit") }
        return CheckNotes(facts: "logged in as \(fields["username"] ?? "")")
    }
}

extension CredentialCheck {
    /// Slugs of what a Sentry token may see, by the path of a list.
    static func sentryList(
        _ path: String,
        token: String,
        _ client: ProviderClient
    ) async throws(CheckFailure) -> [String] {
        let request = ProviderRequest(url: "https://sentry.io/api/0/\(path)", headers: bearer(token))
        let answer = try await client.accepted(request, from: "Sentry")
        guard let list = answer.json?.arrayValue else { throw .notUnderstood("Sentry") }
        return list.compactMap { $0["slug"]?.stringValue }
    }
}

extension ProviderClient {
    /// Slugs of the organizations that a Sentry token may see; none when Sentry does not answer.
    package func sentryOrganizations(token: String) async -> [String] {
        // What cannot be asked is typed by hand.
        (try? await CredentialCheck.sentryList("organizations/", token: token, self)) ?? []
    }

    /// Slugs of an organization's projects; none when Sentry does not answer.
    package func sentryProjects(of organization: String, token: String) async -> [String] {
        // What cannot be asked is typed by hand.
        (try? await CredentialCheck.sentryList("organizations/\(organization)/projects/", token: token, self)) ?? []
    }
}
