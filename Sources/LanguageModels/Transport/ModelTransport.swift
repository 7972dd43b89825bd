package import AsyncHTTPClient
import Domain
import Foundation
package import NIOCore
import NIOHTTP1

/// Builds a reply out of the events of one wire format.
protocol ReplyAssembler: Sendable {
    /// Takes an event; true once the format's own end marker has come.
    ///
    /// - Throws: ``ProviderFailure`` wrapped as ``StreamFailure`` for an error the provider reports inside the stream.
    mutating func take(_ event: ServerSentEvent, emit: (ModelEvent) -> Void) throws -> Bool

    /// The stream is over. - Throws: ``StreamFailure`` when it ended too early.
    mutating func finish(emit: (ModelEvent) -> Void) throws -> AssembledReply

    /// What the provider has counted so far; a broken stream is billed too.
    var usage: TokenUsage? { get }
}

/// What a wire format made of a stream.
struct AssembledReply: Hashable, Sendable {
    var content: [Content]
    var stop: StopReason
    var usage: TokenUsage
}

/// A stream that yields no reply.
enum StreamFailure: Error, Sendable {
    /// The provider said so.
    case reported(ProviderFailure)
    /// The stream broke or is unreadable; asking again may help.
    case broken(String)
    /// The provider withheld the reply.
    case filtered(String)
}

/// Sends one request and feeds the answer to an assembler.
struct ModelTransport: Sendable {
    let http: HTTPClient
    let provider: ModelProvider
    let model: String
    let authentication: ModelAuthentication
    /// Taken out of every text that may be shown.
    let secret: String?
    let now: @Sendable () -> Date

    /// Posts the body and reads the event stream to its end.
    ///
    /// - Throws: ``ModelError``, or `CancellationError` where nothing was counted before the cancellation.
    func post<Assembler: ReplyAssembler>(
        _ body: JSONValue,
        to url: String,
        headers: [(String, String)],
        into assembler: inout Assembler,
        onEvent: (ModelEvent) -> Void
    ) async throws -> AssembledReply {
        do {
            let response = try await http.execute(request(body, url: url, headers: headers), deadline: .distantFuture)
            try await check(response)
            return try await read(response.body, into: &assembler, onEvent: onEvent)
        } catch let failure as StreamFailure {
            throw error(for: failure, usage: assembler.usage)
        } catch let error as ModelError {
            throw error
        } catch {
            if Task.isCancelled || error is CancellationError {
                // What was counted until then is billed.
                guard let usage = assembler.usage else { throw CancellationError() }
                throw self.error(for: .broken("the request was cancelled"), usage: usage)
            }
            throw self.error(
                for: .broken("no answer from \(hostPart(of: url)): \(describe(error))"),
                usage: assembler.usage
            )
        }
    }

    private func request(_ body: JSONValue, url: String, headers: [(String, String)]) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers = HTTPHeaders(headers)
        request.headers.replaceOrAdd(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: body.compactText))
        return request
    }

    private func check(_ response: HTTPClientResponse) async throws {
        let type = response.headers.first(name: "content-type")?.lowercased() ?? ""
        let status = Int(response.status.code)
        if (200..<300).contains(status), type.hasPrefix("text/event-stream") { return }
        var bytes: [UInt8] = []
        // An error answer is small; what exceeds the limit is not needed to classify it.
        for try await part in response.body where bytes.count < 65536 { bytes += part.readableBytesView }
        var headers: [String: String] = [:]
        for (name, value) in response.headers { headers[name.lowercased()] = value }
        let text = String(decoding: bytes, as: UTF8.self)
        if (200..<300).contains(status), !text.contains("error") {
            throw StreamFailure.broken("the answer is no event stream but \(type.isEmpty ? "untyped" : type)")
        }
        if (300..<400).contains(status) {
            let target = headers["location"] ?? "nowhere"
            throw StreamFailure.reported(
                ProviderFailure(
                    status: 400,
                    headers: [:],
                    body: "redirected (status \(status)) to \(target); set baseUrl"
                )
            )
        }
        let reported = (200..<300).contains(status) ? nil : status
        throw StreamFailure.reported(ProviderFailure(status: reported, headers: headers, body: text))
    }

    private func read<Assembler: ReplyAssembler>(
        _ body: HTTPClientResponse.Body,
        into assembler: inout Assembler,
        onEvent: (ModelEvent) -> Void
    ) async throws -> AssembledReply {
        var parser = SSEParser()
        onEvent(.start)
        for try await part in body {
            let events: [ServerSentEvent]
            do {
                events = try parser.feed(part.readableBytesView)
            } catch {
                throw StreamFailure.broken(error.reason)
            }
            for event in events where try assembler.take(event, emit: onEvent) {
                return try assembler.finish(emit: onEvent)
            }
        }
        if let last = parser.finish() { _ = try assembler.take(last, emit: onEvent) }
        return try assembler.finish(emit: onEvent)
    }

    private func error(for failure: StreamFailure, usage: TokenUsage?) -> ModelError {
        var error: ModelError
        switch failure {
        case .reported(let failure):
            error = classify(
                failure,
                provider: provider,
                model: model,
                authentication: authentication,
                now: now()
            )
        case .broken(let reason):
            error = ModelError(code: .transient, provider: provider, model: model, message: reason)
        case .filtered(let reason):
            error = ModelError(code: .filtered, provider: provider, model: model, message: reason)
        }
        if let secret, secret.count >= 8 { error.message = error.message.replacing(secret, with: "***") }
        error.usage = usage
        return error
    }

    private func describe(_ error: any Error) -> String {
        switch error as? HTTPClientError {
        case .invalidProxyResponse: return "the proxy refused the connection"
        case .proxyAuthenticationRequired:
            return "the proxy wants a login, as in HTTPS_PROXY=http://user:password@host:port"
        default: break
        }
        guard provider == .custom else { return "\(error)" }
        return "\(error); is the server running, and does it listen beyond loopback (Ollama: OLLAMA_HOST=0.0.0.0)?"
    }

    private func hostPart(of url: String) -> String {
        url.split(separator: "/", omittingEmptySubsequences: true).prefix(2).joined(separator: "//")
    }
}

/// Settings of the clients that talk to models and tool servers: 10 s to connect, no redirects.
///
/// - Parameter idle: how long a server may send no byte, comments and pings included; `nil` = as long as it likes.
/// - Returns: the settings.
package func modelHTTPConfiguration(idle: TimeAmount? = .seconds(300)) -> HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    configuration.timeout = .init(connect: .seconds(10), read: idle)
    // The caller repeats failed requests; a refused connection is worth knowing at once.
    configuration.connectionPool.retryConnectionEstablishment = false
    return configuration
}

/// The JSON of an event's data.
///
/// - Throws: ``StreamFailure/broken(_:)`` when it is none.
func eventJSON(_ event: ServerSentEvent) throws -> JSONValue {
    do {
        return try JSONValue(parsing: event.data)
    } catch {
        throw StreamFailure.broken("an event of the stream is \(error)")
    }
}
