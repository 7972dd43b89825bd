package import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// A model provider on this machine: it takes every request apart strictly and answers from a queue.
package final class MockModelServer: Sendable {
    /// The wire formats it understands.
    package enum Format: Hashable, Sendable {
        case anthropic, chat, responses, google, mistral

        /// What stands behind the host in the base URL.
        var prefix: String {
            switch self {
            case .anthropic, .mistral: ""
            case .chat, .responses: "/v1"
            case .google: "/v1beta"
            }
        }
    }

    /// One prepared answer.
    package struct Answer: Hashable, Sendable {
        package var status: Int
        package var headers: [String: String]
        /// Sent one after the other.
        package var chunks: [String]
        /// After the chunks nothing comes and nothing ends.
        package var hangs = false

        /// An answer of any kind.
        package init(status: Int, headers: [String: String] = [:], body: String) {
            self.status = status
            self.headers = headers.merging(["content-type": "application/json"]) { own, _ in own }
            chunks = [body]
        }

        /// An event stream in the pieces given.
        package init(stream chunks: [String]) {
            status = 200
            headers = ["content-type": "text/event-stream"]
            self.chunks = chunks
        }
    }

    /// A request that came.
    package struct Received: Hashable, Sendable {
        package let path: String
        /// Names in lower case.
        package let headers: [String: String]
        package let body: JSONValue
    }

    private struct State {
        var answers: [Answer]
        var received: [Received] = []
        var problems: [String] = []
    }

    private let format: Format
    private let state: Mutex<State>

    private init(format: Format, answers: [Answer]) {
        self.format = format
        state = Mutex(State(answers: answers))
    }

    /// Requests so far.
    package var received: [Received] { state.withLock { $0.received } }

    /// What was wrong with them; such a request is answered with status 400.
    package var problems: [String] { state.withLock { $0.problems } }

    /// Adds answers to the queue; a request without one gets status 500.
    package func enqueue(_ answers: [Answer]) {
        state.withLock { $0.answers += answers }
    }

    /// Runs a server on a free port for as long as the body runs.
    ///
    /// - Parameters:
    ///   - format: which requests are right.
    ///   - answers: the queue.
    ///   - body: gets the server and its base URL.
    /// - Returns: what the body returns.
    /// - Throws: what the body throws, or that the server could not start.
    package static func run<Result: Sendable>(
        _ format: Format,
        answers: [Answer],
        body: @escaping @Sendable (MockModelServer, String) async throws -> Result
    ) async throws -> Result {
        let server = MockModelServer(format: format, answers: answers)
        let router = Router()
        router.post("/**") { request, _ in
            var request = request
            let bytes = try await request.collectBody(upTo: 64 << 20)
            var headers: [String: String] = [:]
            for field in request.headers {
                let name = field.name.rawName.lowercased()
                headers[name] = headers[name].map { "\($0), \(field.value)" } ?? field.value
            }
            return server.answer(path: request.uri.string, headers: headers, body: String(buffer: bytes))
        }
        return try await LoopbackServer.run(router.buildResponder()) { port in
            try await body(server, "http://127.0.0.1:\(port)" + format.prefix)
        }
    }

    private func answer(path: String, headers: [String: String], body: String) -> Response {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: body)
        } catch {
            return refuse(["body: \(error)"])
        }
        state.withLock { $0.received.append(Received(path: path, headers: headers, body: json)) }
        var check = ModelRequestCheck()
        switch format {
        case .anthropic: check.checkAnthropic(json, path: path, headers: headers)
        case .chat: check.checkChat(json, path: path, headers: headers)
        case .responses: check.checkResponses(json, path: path, headers: headers)
        case .google: check.checkGoogle(json, path: path, headers: headers)
        case .mistral: check.checkMistral(json, path: path, headers: headers)
        }
        guard check.problems.isEmpty else { return refuse(check.problems) }
        let next = state.withLock { $0.answers.isEmpty ? nil : $0.answers.removeFirst() }
        return response(next ?? Answer(status: 500, body: #"{"error":{"message":"no answer is prepared"}}"#))
    }

    private func refuse(_ problems: [String]) -> Response {
        state.withLock { $0.problems += problems }
        let message = JSONValue.quoted(problems.joined(separator: "; "))
        return response(Answer(status: 400, body: #"{"error":{"type":"invalid_request_error","message":\#(message)}}"#))
    }

    private func response(_ answer: Answer) -> Response {
        var response = Response(status: .init(code: answer.status))
        for (name, value) in answer.headers {
            if let field = HTTPField.Name(name) { response.headers[field] = value }
        }
        response.body = ResponseBody { writer in
            for chunk in answer.chunks { try await writer.write(ByteBuffer(string: chunk)) }
            guard !answer.hangs else {
                // Ends when the server does.
                for await _ in AsyncStream<Never>.makeStream().stream {}
                return
            }
            try await writer.finish(nil)
        }
        return response
    }
}
