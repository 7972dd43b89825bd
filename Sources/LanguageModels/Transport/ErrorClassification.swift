import Domain
import Foundation

/// An answer of a provider that is no reply, as it came.
struct ProviderFailure: Sendable {
    /// HTTP status; `nil` for an error inside a stream.
    var status: Int?
    /// Names in lower case.
    var headers: [String: String] = [:]
    var body: String
}

/// Sorts a provider's error answer by what helps against it.
///
/// Status first, then the code in the body, then the words of the message; `x-should-retry` has the last word.
///
/// - Parameters:
///   - failure: what came.
///   - provider: who answered.
///   - model: the id asked for.
///   - authentication: where the key is from.
///   - now: for the date form of `retry-after`.
/// - Returns: the class with everything worth showing.
func classify(
    _ failure: ProviderFailure,
    provider: ModelProvider,
    model: String,
    authentication: ModelAuthentication = .apiKey,
    now: Date
) -> ModelError {
    let facts = FailureFacts(failure)
    var code = facts.code
    switch failure.headers["x-should-retry"] {
    case "true" where ![.rateLimit, .overloaded, .transient].contains(code): code = .transient
    case "false" where [.rateLimit, .overloaded, .transient].contains(code): code = .badRequest
    default: break
    }
    var message = facts.summary
    switch code {
    // A wall in front of the provider, or a country it does not serve, says nothing of the key.
    case .auth where facts.status != 403 || facts.isAboutKey:
        if authentication == .piAuth {
            message += "; the key is pi's (authType pi_auth): log in again with pi, or renew its environment variable"
        } else if let type = provider.credentialType {
            message +=
                "; the key is the credential \(type):default: al doctor checks it, al creds add \(type) replaces it"
        }
    case .notFound:
        let near = ModelTable.nearestIDs(provider: provider, id: model)
        if !near.isEmpty { message += "; known ids: \(near.joined(separator: ", "))" }
    default: break
    }
    return ModelError(
        code: code,
        provider: provider,
        model: model,
        status: failure.status,
        message: message.cut(toBytes: 2048),
        retryAfter: retryDelay(headers: failure.headers, body: failure.body, now: now),
        requestID: requestID(failure),
        parameter: facts.parameter
    )
}

private func requestID(_ failure: ProviderFailure) -> String? {
    for name in ["request-id", "x-request-id", "x-groq-request-id", "x-generation-id"] {
        if let id = failure.headers[name] { return id }
    }
    // A body that is no JSON has no id; that is all the parser's error would say.
    return (try? JSONValue(parsing: failure.body))?["request_id"]?.stringValue
}

/// What the text of an error answer says.
private struct FailureFacts {
    let status: Int?
    /// The provider's codes and types, in lower case.
    let codes: [String]
    /// Code and message for people.
    let summary: String
    /// The field of the request that is to blame, where the provider names it.
    let parameter: String?
    /// Everything that came, in lower case.
    let haystack: String

    init(_ failure: ProviderFailure) {
        // Plain text bodies are classified by their words.
        var root = (try? JSONValue(parsing: failure.body)) ?? .null
        if let first = root[0] { root = first }
        let error = root["error"]?.objectValue != nil ? root["error"] ?? .null : root
        // The code says more than the type, where there are both.
        let names = [
            error["code"], error["type"], error["status"], error["details"]?["error_code"], root["code"], root["type"],
        ]
        .compactMap { $0 }.compactMap { $0.stringValue ?? $0.intValue.map(String.init) }
        var message =
            error["message"]?.stringValue ?? root["error"]?.stringValue ?? root["message"]?.stringValue
            ?? root["detail"]?.compactText ?? failure.body
        // OpenRouter keeps what the provider behind it said to itself.
        if let raw = error["metadata"]?["raw"], raw != .null {
            let who = error["metadata"]?["provider_name"]?.stringValue.map { " (\($0))" } ?? ""
            message += "\(who): \(raw.stringValue ?? raw.compactText)"
        }
        parameter = error["param"]?.stringValue
        status = failure.status ?? error["code"]?.intValue.flatMap { (400..<600).contains($0) ? $0 : nil }
        codes = names.map { $0.lowercased() }
        haystack = failure.body.lowercased()
        let code = names.first { $0 != "error" && Int($0) == nil }
        summary = [code, message.withoutOuterSpace].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ": ")
    }

    var code: ModelError.Code {
        if isQuota { return .quota }
        if isOverflow { return .overflow }
        if haystack.contains("api_key_invalid") { return .auth }
        if says(["tool_use_failed", "malformed_function_call"]) { return .transient }
        if isFiltered { return .filtered }
        if codes.contains("model_not_found") { return .notFound }
        if let status { return code(status: status) }
        return codeOfStreamError
    }

    private func code(status: Int) -> ModelError.Code {
        switch status {
        case 429, 498: .rateLimit
        case 529: .overloaded
        case 503: says(["server_is_overloaded", "slow_down"]) ? .overloaded : .transient
        case 408, 409, 500, 502, 504, 520...524: .transient
        case 401, 403: .auth
        case 404: .notFound
        case 500...: .transient
        default: .badRequest
        }
    }

    private var codeOfStreamError: ModelError.Code {
        if says(["overloaded", "slow_down"]) { return .overloaded }
        if says(["rate_limit", "rate limit", "too many requests", "resource_exhausted"]) { return .rateLimit }
        if says(["authentication_error", "permission_error", "invalid_api_key"]) { return .auth }
        if says(["not_found_error"]) { return .notFound }
        if says(["invalid_request_error", "invalid_prompt", "unsupported_image_media_type"]) { return .badRequest }
        // What is wrong with a picture is as wrong the next time.
        if codes.contains(where: { $0.contains("image") && $0 != "failed_to_download_image" }) { return .badRequest }
        return .transient
    }

    /// Whether the words are about who asks.
    var isAboutKey: Bool { says(["permission", "api key", "api_key", "authentication"]) }

    /// The provider looked at the content and said no; OpenRouter passes on what its moderation flagged.
    private var isFiltered: Bool {
        guard status == nil || status == 400 || status == 403 || status == 422 else { return false }
        return says(["content_filter", "content policy", "content_policy_violation", "\"flagged_input\""])
    }

    private var isQuota: Bool {
        if status == 402 || codes.contains("billing_error") { return true }
        guard status == 429 || status == nil || status == 403 || status == 400 else { return false }
        let words = [
            "insufficient_quota", "credit_balance_exhausted", "enforced_spend_limit_reached",
            "credit balance is too low", "doesn't have any credits", "insufficient balance",
            "key limit exceeded",
        ]
        if says(words) { return true }
        if codes.contains(where: { $0.hasSuffix("_spend_limit_exceeded") || $0.hasSuffix("_usage_limit_exceeded") }) {
            return true
        }
        return haystack.contains("perday") && haystack.contains("quotaid")
    }

    private var isOverflow: Bool {
        if let status, status == 429 || status == 401 || status == 403 || status >= 500 { return false }
        if status == 413 { return true }
        if haystack.contains("too large for model with"), haystack.contains("maximum context length") { return true }
        if haystack.contains("input token count"), haystack.contains("exceeds the maximum") { return true }
        return says([
            "prompt is too long", "model_context_window_exceeded", "context_length_exceeded",
            "exceeds the context window", "maximum prompt length is", "reduce the length of the messages",
            "maximum context length is", "exceeds the available context size", "exceed_context_size_error",
            "greater than the context length", "context length exceeded", "too many tokens", "token limit exceeded",
            "request_too_large", "exceed context limit",
        ])
    }

    private func says(_ words: [String]) -> Bool { words.contains { haystack.contains($0) } }
}
