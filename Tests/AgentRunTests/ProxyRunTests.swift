import Domain
import Foundation
import TestSupport
import Testing

@testable import AgentRun

@Suite("A run behind a proxy", .timeLimit(.minutes(5)))
struct ProxyRunTests {
    @Test("reaches its model and the URLs of preflight through it, and hands its variables to the tools")
    func everything() async throws {
        let replies = [
            #"data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"1","function":{"name":"bash","arguments":"{\"command\":\"echo via $http_proxy\"}"}}]},"finish_reason":"tool_calls"}]}"#,
            #"data: {"choices":[{"delta":{"content":"Done."},"finish_reason":"stop"}]}"#,
        ].map { MockModelServer.Answer(stream: [$0 + "\n\ndata: [DONE]\n\n"]) }
        try await MockModelServer.run(.chat, answers: replies) { server, base in
            let port = URLComponents(string: base)?.port ?? 0
            try await ConnectProxy.run(target: port) { proxy, address in
                let config: JSONValue = [
                    "model": ["provider": "custom", "model": "m", "baseUrl": "http://model.invalid/v1"],
                    "preflight": [
                        [
                            "provider": "http", "required": false,
                            "params": ["url": "http://data.invalid:8080/list", "output": "list"],
                        ]
                    ],
                ]
                var fixture = try RunFixture(script: "turns: []", config: config)
                defer { fixture.clean() }
                fixture.environment["http_proxy"] = "http://\(address)"
                #expect(await fixture.run() == 0)
                #expect(server.problems == [] && server.received.count == 2)
                #expect(proxy.requests.first == "CONNECT data.invalid:8080 HTTP/1.1")
                // The second turn needs a connection of its own when the first one is not back among the idle ones yet.
                #expect(Set(proxy.requests.dropFirst()) == ["CONNECT model.invalid:80 HTTP/1.1"])
                let results = server.received.last?.body["messages"]?.arrayValue?.last?["content"]?.stringValue
                #expect(results?.contains("via http://\(address)") == true)
            }
        }
    }
}
