import Foundation
import Hummingbird
import HummingbirdTesting
import NIOCore
import Synchronization
import Testing

@testable import Gateway

/// Repeats the body of every call.
final class RepeatingDoor: ModelDoor {
    private let seen = Mutex<[ModelCall]>([])
    var calls: [ModelCall] { seen.withLock { $0 } }
    let ends = Mutex<[Bool]>([])
    let refusal: ModelRefusal?

    init(refusal: ModelRefusal? = nil) { self.refusal = refusal }

    func send(_ call: ModelCall) async throws(ModelRefusal) -> ModelAnswer {
        seen.withLock { $0.append(call) }
        if let refusal { throw refusal }
        let headers = [("content-type", "text/event-stream"), ("x-a", "1"), ("x-a", "2")]
        return ModelAnswer(status: 201, headers: headers, body: call.body) { failure in
            self.ends.withLock { $0.append(failure == nil) }
        }
    }
}

@Suite("What runs without a network ask their models")
struct ModelRouteTests {
    @Test(
        "The token stands where the provider's key would, and does not travel on",
        arguments: [
            ("authorization", "Bearer T"), ("x-api-key", "T"), ("x-goog-api-key", "T"), ("Authorization", "bearer T"),
        ]
    )
    func tokens(name: String, value: String) async throws {
        let door = RepeatingDoor()
        let gateway = try Bench().gateway(models: door)
        let headers: HTTPFields = [
            try #require(HeaderName(name)): value, .contentLength: "4", .accept: "text/event-stream",
        ]
        let answer = try await ask(
            gateway,
            .post,
            "/llm/google/models/m:go?alt=sse",
            "body",
            headers: headers,
            on: .agents
        )
        #expect(answer.status.code == 201 && answer.text == "body")
        #expect(door.ends.withLock { $0 } == [true])
        #expect(answer.headers[values: try #require(HeaderName("x-a"))] == ["1", "2"])
        let call = try #require(door.calls.first)
        #expect((call.token, call.model, call.path, call.length) == ("T", "google", "/models/m:go?alt=sse", 4))
        #expect(call.headers.contains { $0.0.lowercased() == "accept" && $0.1 == "text/event-stream" })
        #expect(!call.headers.contains { $0.1.contains("T") && $0.0.lowercased() == name.lowercased() })
    }

    @Test(
        "Refusals are in the shape that the clients of models read",
        arguments: [
            (nil, [:], 401, "the token of the run is missing"),
            (nil, [.authorization: "Bearer T"], 411, "the request needs a Content-Length"),
            (.unknownToken, [.authorization: "Bearer T", .contentLength: "1"], 403, "no live run has this token"),
            (
                .notFound, [.authorization: "Bearer T", .contentLength: "1"], 404,
                "the agent has no model that is asked for this path"
            ), (.unreachable("gone"), [.authorization: "Bearer T", .contentLength: "1"], 502, "gone"),
        ] as [(ModelRefusal?, HTTPFields, Int, String)]
    )
    func refusals(refusal: ModelRefusal?, headers: HTTPFields, status: Int, message: String) async throws {
        let gateway = try Bench().gateway(models: RepeatingDoor(refusal: refusal))
        let answer = try await ask(gateway, .post, "/llm/custom/chat/completions", nil, headers: headers)
        #expect(answer.status.code == status)
        #expect(answer.text == #"{"error":{"type":"gateway_error","message":"\#(message)"}}"#)
    }

    @Test("Only requests to a path behind a model's name are passed on")
    func paths() async throws {
        let door = RepeatingDoor()
        let gateway = try Bench().gateway(models: door)
        let headers: HTTPFields = [.authorization: "Bearer T", .contentLength: "0"]
        #expect(try await ask(gateway, .post, "/llm/custom", headers: headers).status.code == 404)
        #expect(try await ask(gateway, .post, "/llm", headers: headers).status.code == 404)
        #expect(try await ask(gateway, .get, "/llm/custom/models", headers: headers).status.code == 405)
        let large: HTTPFields = [.authorization: "Bearer T", .contentLength: "99999999"]
        #expect(try await ask(gateway, .post, "/llm/custom/x", headers: large).status.code == 413)
        #expect(door.calls.isEmpty)
    }
}
