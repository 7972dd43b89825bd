import AsyncHTTPClient
package import Domain
package import NIOCore
import NIOHTTP1

/// Passes the requests of a run on to one of its models, with the key that the run does not have.
///
/// A run may ask for what the model's client asks for and for nothing else: other paths of the provider are not reachable
/// with the key.
package struct ModelRelay: Sendable {
    private let format: any WireFormat
    private let http: HTTPClient

    /// Looks for a model of a chain; `nil` when none of them has that name, or it is asked otherwise than by HTTP.
    ///
    /// - Parameters:
    ///   - name: one of ``Swift/Array/relayNames``.
    ///   - chain: the models of the agent.
    ///   - keys: the providers' keys.
    ///   - environment: what models are made with.
    package init?(
        name: String,
        chain: [ModelConfig],
        keys: [ModelProvider: String],
        in environment: ModelEnvironment
    ) {
        guard let config = zip(chain.relayNames, chain).first(where: { $0.0 == name })?.1 else { return nil }
        let setup = ModelSetup(config: config, key: keys[config.provider], environment: environment)
        // A model that cannot be made is not there; the run, which makes it too, says why.
        guard let format = try? setup.wireFormat() else { return nil }
        self.format = format
        http = environment.http.client(for: format.connection.url(""))
    }

    /// Host and port of the model's server, for records.
    package var address: String {
        format.connection.url("").split(separator: "/", omittingEmptySubsequences: true).dropFirst().first
            .map(String.init) ?? ""
    }

    /// What is known about the model.
    package var info: ModelInfo { format.info }

    /// Sends one request.
    ///
    /// - Parameters:
    ///   - path: behind the model's name, with the query.
    ///   - headers: of the run's request, without its token.
    ///   - body: of the run's request.
    ///   - length: of the body, in bytes.
    /// - Returns: the answer from its head on; `nil` when the model's client never asks for such a path.
    /// - Throws: what keeps the server from answering.
    package func send(
        _ path: String,
        headers: [(String, String)],
        body: some AsyncSequence<ByteBuffer, any Error> & Sendable,
        length: Int
    ) async throws -> RelayedReply? {
        guard path == format.path else { return nil }
        var request = HTTPClientRequest(url: format.connection.url(path))
        request.method = .POST
        let kept = headers.filter { !Self.ownToTheConnection.contains($0.0.lowercased()) }
        request.headers = HTTPHeaders(ModelConnection.joined(kept + format.connection.unconfigured(format.keyHeaders)))
        for (name, value) in format.connection.ownUserAgent { request.headers.replaceOrAdd(name: name, value: value) }
        request.body = .stream(body, length: .known(Int64(length)))
        let response = try await http.execute(request, deadline: .distantFuture)
        return try await RelayedReply(response, key: format.connection.key, meter: format.meter())
    }

    /// Headers that are about one connection (RFC 9110, 7.6.1), and those that a client writes itself.
    static let ownToTheConnection: Set<String> = [
        "connection", "content-length", "cookie", "forwarded", "host", "keep-alive", "proxy-authorization",
        "proxy-connection", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade", "x-forwarded-for",
    ]
}
