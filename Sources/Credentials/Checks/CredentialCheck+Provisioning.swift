import Domain

extension CredentialCheck {
    static let vultr = CredentialCheck { (fields: Fields, client: ProviderClient) async throws(CheckFailure) in
        let request = ProviderRequest(url: "https://api.vultr.com/v2/account", headers: bearer(fields["api_key"]))
        _ = try await client.accepted(request, from: "Vultr")
        return CheckNotes()
    }

    static let hetzner = CredentialCheck { (fields: Fields, client: ProviderClient) async throws(CheckFailure) in
        let url = "https://api.hetzner.cloud/v1/server_types"
        _ = try await client.accepted(ProviderRequest(url: url, headers: bearer(fields["api_key"])), from: "Hetzner")
        return CheckNotes()
    }

    /// Tokens of a user can be verified; tokens of an account cannot, but can list zones.
    static let cloudflare = CredentialCheck { (fields: Fields, client: ProviderClient) async throws(CheckFailure) in
        let base = "https://api.cloudflare.com/client/v4/"
        let headers = bearer(fields["api_token"])
        let first = try await client.answer(
            to: ProviderRequest(url: base + "user/tokens/verify", headers: headers),
            from: "Cloudflare"
        )
        if first.isSuccess, first.json?["result"]?["status"]?.stringValue == "active" { return CheckNotes() }
        let second = try await client.answer(
            to: ProviderRequest(url: base + "zones?per_page=1", headers: headers),
            from: "Cloudflare"
        )
        if second.isSuccess, second.json?["success"]?.boolValue == true { return CheckNotes() }
        if second.isSuccess, second.json == nil { throw .notUnderstood("Cloudflare") }
        if !second.isSuccess, case .undecided(let reason) = client.failure(second, from: "Cloudflare") {
            throw .undecided(reason)
        }
        throw .refused("Cloudflare refused it: the token is not active (HTTP \(second.status))")
    }
}
