import AsyncHTTPClient
import Domain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import Runtimes

/// An engine that answers from a script, on a unix socket unless a network is asked for.
struct FakeEngine: Sendable {
    /// What it says to one request.
    struct Answer: Sendable {
        var status = 200
        var body = ""
        var headers: [String: String] = [:]
        /// The answer ends when this does.
        var holdsUntil: AsyncStream<Never>?
    }

    /// Images of which it makes no container.
    var missingImages: Set<String> = []
    /// Gets `METHOD /path` without version (of a build with the image's name behind it), and how often it was asked before.
    let script: @Sendable (String, Int) -> Answer?

    /// Serves while the body runs and returns the requests in order.
    @discardableResult
    func serve(
        overNetwork: Bool = false,
        speaking server: HTTPServerBuilder? = nil,
        _ body: (EngineEndpoint, HTTPClient) async throws -> Void
    ) async throws -> [String] {
        let directory = try TemporaryDirectory()
        let requests = Requests()
        let responder = CallbackResponder<BasicRequestContext> { request, _ in
            // The server ends a connection of which a body was left unread, and engines read what they get.
            var content = ByteBuffer()
            for try await piece in request.body { content.writeImmutableBuffer(piece) }
            var path = request.uri.path[...]
            if path.hasPrefix("/v1.") { path = path.dropFirst().drop { $0 != "/" } }
            var key = "\(request.method.rawValue) \(path)"
            if path == "/build", let tag = request.uri.queryParameters["t"] { key += " \(tag.prefix { $0 != ":" })" }
            let earlier = requests.note(key)
            let answer = missingImage(key, content) ?? script(key, earlier) ?? Self.standard(key)
            var headers = HTTPFields()
            for (name, value) in answer.headers {
                if let name = HTTPField.Name(name) { headers[name] = value }
            }
            return Response(
                status: .init(code: answer.status),
                headers: headers,
                body: ResponseBody { writer in
                    // Bytes behind this status would be taken for the next answer.
                    if answer.status != 204 { try await writer.write(ByteBuffer(string: answer.body)) }
                    if let gate = answer.holdsUntil { for await _ in gate {} }
                    try await writer.finish(nil)
                }
            )
        }
        let path = "\(directory.path)/e.sock"
        let place = overNetwork ? BindAddress.hostname("127.0.0.1", port: 0) : .unixDomainSocket(path: path)
        try await LoopbackServer.run(responder, at: place, speaking: server) { port in
            let endpoint = EngineEndpoint(dockerHost: overNetwork ? "tcp://127.0.0.1:\(port)" : "unix://\(path)")
            // The client goes before the server, whose open connections would complain.
            try await HTTPClient.withHTTPClient(configuration: EngineEndpoint.httpConfiguration) { http in
                try await body(try #require(endpoint), http)
            }
        }
        return requests.all
    }

    private func missingImage(_ key: String, _ content: ByteBuffer) -> Answer? {
        guard key == "POST /containers/create", let body = try? JSONValue(parsing: Array(content.readableBytesView)),
            let image = body["Image"]?.stringValue, missingImages.contains(image)
        else { return nil }
        return Answer(status: 404, body: #"{"message":"No such image"}"#)
    }

    private static func standard(_ key: String) -> Answer {
        switch key {
        case "GET /_ping": Answer(body: "OK", headers: ["Api-Version": "1.41"])
        case "GET /version": Answer(body: #"{"MinAPIVersion":"1.12"}"#)
        case "GET /networks/al-net": Answer(body: #"{"IPAM":{"Config":[{"Gateway":"127.0.0.1"}]}}"#)
        case "GET /info": Answer(body: #"{"NCPU":2}"#)
        default: Answer(status: 404, body: #"{"message":"nothing of this name"}"#)
        }
    }

    private final class Requests: Sendable {
        private let stored = Mutex<[String]>([])
        var all: [String] { stored.withLock { $0 } }
        func note(_ key: String) -> Int {
            stored.withLock { requests in
                defer { requests.append(key) }
                return requests.count { $0 == key }
            }
        }
    }
}
