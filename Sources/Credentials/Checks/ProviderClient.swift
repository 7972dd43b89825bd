import Domain
package import FoundationEssentials

/// A request to a provider.
package struct ProviderRequest: Hashable, Sendable {
    package var method = "GET"
    package var url: String
    /// In the order in which they are sent.
    package var headers: [String: String]
    package var body: String?

    /// Collects the facts.
    package init(method: String = "GET", url: String, headers: [String: String] = [:], body: String? = nil) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// A provider's answer.
package struct ProviderAnswer: Hashable, Sendable {
    package var status: Int
    /// Names in lower case.
    package var headers: [String: String]
    package var body: String

    /// Collects the facts.
    package init(status: Int, headers: [String: String] = [:], body: String) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The body as JSON; `nil` when it is none.
    var json: JSONValue? {
        // Whatever else a proxy or an error page says is not what was asked for.
        try? JSONValue(parsing: body)
    }

    /// Whether it is a page for people.
    var isPage: Bool {
        let type = headers["content-type"]?.lowercased() ?? ""
        return type.hasPrefix("text/html") || body.drop(while: \.isWhitespace).first == "<"
    }

    var isSuccess: Bool { (200..<300).contains(status) }
}

/// Why a request got no answer.
package enum ProviderSendError: Error, Hashable, Sendable {
    /// The connection ended in the middle: worth a second attempt.
    case lostConnection
    case timedOut
    case unreachable(String)
}

/// Asks providers about credentials.
package struct ProviderClient: Sendable {
    /// Sends one request within ten seconds.
    package typealias Send = @Sendable (ProviderRequest) async throws(ProviderSendError) -> ProviderAnswer

    private let send: Send
    let now: @Sendable () -> Date
    /// A text that is never used twice.
    let makeNonce: @Sendable () -> String
    /// Takes the typed values out of what a provider says.
    var redact: @Sendable (String) -> String = { $0 }

    /// Collects what comes from outside.
    package init(
        now: @escaping @Sendable () -> Date,
        makeNonce: @escaping @Sendable () -> String,
        send: @escaping Send
    ) {
        self.send = send
        self.now = now
        self.makeNonce = makeNonce
    }

    /// Any answer; a lost connection is tried once more.
    func answer(to request: ProviderRequest, from provider: String) async throws(CheckFailure) -> ProviderAnswer {
        do {
            return try await sendTwice(request)
        } catch {
            switch error {
            case .lostConnection: throw .undecided("the connection to \(provider) was lost twice")
            case .timedOut: throw .undecided("\(provider) did not answer within 10 seconds")
            case .unreachable(let reason): throw .undecided("\(provider) cannot be reached: \(reason)")
            }
        }
    }

    private func sendTwice(_ request: ProviderRequest) async throws(ProviderSendError) -> ProviderAnswer {
        do {
            return try await send(request)
        } catch {
            guard error == .lostConnection else { throw error }
            return try await send(request)
        }
    }

    /// A successful answer; `call` names what the request asks for, when a check asks more than once.
    func accepted(
        _ request: ProviderRequest,
        from provider: String,
        call: String? = nil
    ) async throws(CheckFailure) -> ProviderAnswer {
        let answer = try await answer(to: request, from: provider)
        guard answer.isSuccess else { throw failure(answer, from: provider, call: call) }
        guard answer.json != nil else { throw .notUnderstood(provider) }
        return answer
    }

    /// What an unsuccessful status means.
    func failure(_ answer: ProviderAnswer, from provider: String, call: String? = nil) -> CheckFailure {
        let place = call.map { " (\($0))" } ?? ""
        let detail = message(in: answer).map { ": \($0)" } ?? ""
        switch answer.status {
        // A redirection, and what a proxy says, is no word of the provider about the credential.
        case 300..<400, 407, 408, 429, 500...:
            return .undecided("\(provider)\(place) answered HTTP \(answer.status)\(detail)")
        // A filter in between answers with a page of its own.
        case 400..<500 where answer.status != 401 && answer.isPage: return .notUnderstood(provider)
        default: return .refused("\(provider) refused it\(place) (HTTP \(answer.status))\(detail)")
        }
    }

    /// The provider's own words, at most 200 characters.
    func message(in answer: ProviderAnswer) -> String? {
        let json = answer.json
        let text =
            json?["error"]?["message"]?.stringValue ?? json?["message"]?.stringValue
            ?? json?["errors"]?[0]?["message"]?.stringValue ?? answer.body
        // Redacted before it is cut, so that no half of a value stays at the end.
        let line = redact(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.isEmpty ? nil : String(line.prefix(200))
    }
}
