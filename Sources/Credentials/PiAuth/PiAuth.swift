package import Domain
package import Foundation

/// Keys of the operator's own login in pi, which are read and never written.
///
/// Used for `authType = "pi_auth"`, where the scheduler runs as the operator and runs are not isolated.
package struct PiAuth: Sendable {
    /// Absolute path of `auth.json`.
    package let path: String
    let environment: [String: String]
    let now: @Sendable () -> Date
    /// Runs a shell command and returns its standard output; it may take ten seconds.
    let run: @Sendable (String) async throws -> String
    let warn: @Sendable (String) -> Void

    /// Looks for the file where pi keeps it.
    ///
    /// - Parameters:
    ///   - environment: of the operator: `PI_CODING_AGENT_DIR`, `HOME`, and keys that stand in for the file.
    ///   - now: to tell an expired login.
    ///   - run: runs a shell command and returns its standard output.
    ///   - warn: told of a file that others can read.
    package init(
        environment: [String: String],
        now: @escaping @Sendable () -> Date,
        run: @escaping @Sendable (String) async throws -> String,
        warn: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        let home = environment["HOME"] ?? ""
        path = (environment["PI_CODING_AGENT_DIR"] ?? "\(home)/.pi/agent") + "/auth.json"
        self.environment = environment
        self.now = now
        self.run = run
        self.warn = warn
    }

    /// The provider's token: from the file, else from the variable of that provider.
    ///
    /// - Returns: the token; `nil` when neither has one.
    /// - Throws: ``CredentialError`` (`unreadable` for a malformed file or a failed command, `refused` for an expired login).
    package func token(for provider: ModelProvider) async throws -> String? {
        if let entry = try file()?[provider.rawValue], let token = try await token(entry, provider) { return token }
        return Self.variables(of: provider).lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }

    /// Where the provider's login is, which is not looked at: a command is not run, and pi renews what has expired.
    ///
    /// - Returns: the file or the name of the variable; `nil` when there is none.
    /// - Throws: ``CredentialError`` (`unreadable`) for a malformed file.
    package func place(ofLoginFor provider: ModelProvider) throws -> String? {
        if try file()?[provider.rawValue] != nil { return path }
        return Self.variables(of: provider).first { environment[$0]?.isEmpty == false }.map { "$\($0)" }
    }

    private static func variables(of provider: ModelProvider) -> [String] {
        switch provider {
        case .anthropic: ["ANTHROPIC_OAUTH_TOKEN", "ANTHROPIC_API_KEY"]
        case .google: ["GEMINI_API_KEY"]
        case .custom, .scripted: []
        case .openai, .groq, .xai, .mistral, .openrouter: ["\(provider.rawValue.uppercased())_API_KEY"]
        }
    }

    private func file() throws -> JSONValue? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        // A mode that cannot be told is none of our business.
        let mode = (try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int) ?? 0o600
        if mode & 0o077 != 0 { warn("\(path) can be read by others. Run: chmod 600 \(path)") }
        do {
            return try JSONValue(parsing: data)
        } catch {
            throw CredentialError.unreadable(path, reason: "\(error)")
        }
    }

    private func token(_ entry: JSONValue, _ provider: ModelProvider) async throws -> String? {
        switch entry["type"]?.stringValue {
        case "api_key": return try await literal(entry["key"]?.stringValue ?? "")
        case "oauth":
            let expires = entry["expires"]?.doubleValue ?? .infinity
            guard expires > now().timeIntervalSince1970 * 1000 else {
                throw CredentialError(
                    code: .refused,
                    path: path,
                    message: "The login of \(provider.rawValue) in \(path) has expired. Start pi, which renews it, "
                        + "or log in again there"
                )
            }
            return entry["access"]?.stringValue
        case let type:
            throw CredentialError.unreadable(path, reason: "\(provider.rawValue): unknown type \(type ?? "(none)")")
        }
    }

    /// `!command`, else the name of a variable, else the key itself.
    private func literal(_ key: String) async throws -> String? {
        guard key.hasPrefix("!") else { return environment[key] ?? (key.isEmpty ? nil : key) }
        do {
            let output = try await run(String(key.dropFirst()))
            let token = output.trimmingCharacters(in: .whitespacesAndNewlines)
            return token.isEmpty ? nil : token
        } catch {
            throw CredentialError.unreadable(path, reason: "the command of a key failed: \(error)")
        }
    }
}
