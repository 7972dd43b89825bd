import Domain
import Scheduler
import Serving
import TestSupport
import Testing

@testable import Gateway

@Suite("Chats over the gateway", .timeLimit(.minutes(5)))
struct ChatRouteTests {
    /// A gateway with real time, so that nothing is given up early.
    private func bench() -> Bench {
        var bench = Bench()
        bench.clock = ContinuousClock()
        return bench
    }

    @Test("chats are opened once for an agent, listed, cleared and ended")
    func routes() async throws {
        let bench = bench()
        try await serving(bench) { port async throws -> Void in
            let id = try await ChatCalls.open(port)
            #expect(id == "dev-chat-00000001")
            let again = try await ChatCalls.call(port, "POST", "", #"{"agentName":"dev"}"#).1
            #expect(again == ["sessionId": .string(id), "created": false])
            let list = try await ChatCalls.call(port, "GET", "").1["sessions"]
            #expect(list?[0]?["agentName"] == "dev")
            #expect(list?[0]?["state"] == "starting")
            #expect(try await ChatCalls.call(port, "POST", "/\(id)/clear").0 == 200)
            #expect(try await ChatCalls.call(port, "DELETE", "/\(id)").0 == 200)
            #expect(try await ChatCalls.call(port, "DELETE", "/\(id)").0 == 404)
            #expect(try await ChatCalls.call(port, "POST", "/\(id)/clear").0 == 404)
            #expect(try await ChatCalls.call(port, "DELETE", "/x").0 == 404)
            #expect(try await ChatCalls.call(port, "POST", "", "{}").1 == ["error": "missing agentName"])
        }
    }

    @Test(
        "a refusal has its status and its reason",
        arguments: [
            (RefusalError.Code.tooMany, 429), (.notFound, 404), (.conflict, 409), (.stopping, 409),
        ]
    )
    func refusals(code: RefusalError.Code, status: Int) async throws {
        let bench = bench()
        await bench.chats.refuse(RefusalError(code: code, reason: "why"))
        try await serving(bench) { port async throws -> Void in
            let answer = try await ChatCalls.call(port, "POST", "", #"{"agentName":"dev"}"#)
            #expect(answer.0 == status)
            #expect(answer.1 == ["error": "why"])
        }
    }

    @Test(
        "a browser needs the key or a session, and a page of this host",
        arguments: [
            ([:], 401), (["Authorization": "Bearer wrong"], 401),
            (["Authorization": "Bearer key", "Origin": "http://evil.example"], 403),
            (["Authorization": "Bearer key"], nil),
        ] as [([String: String], Int?)]
    )
    func access(headers: [String: String], refusal: Int?) async throws {
        try await serving(bench()) { port async throws -> Void in
            let path = "/chat/ws/\(try await ChatCalls.open(port))"
            do {
                try await ChatClient.with(port, path, headers: headers) { client in
                    #expect(await client.hear(type: "session")?["state"] == "starting")
                    #expect(refusal == nil)
                }
            } catch let refused as WebSocketClient.Refused {
                #expect(refused.status == refusal)
            }
        }
    }

    @Test(
        "a chat that is not there is not found, nor is anything else below /chat/",
        arguments: ["ws/dev-chat-0000000f", "ws/x", "container/dev-chat-0000000f", "x/y", "ws"]
    )
    func missing(path: String) async throws {
        try await serving(bench()) { port async throws -> Void in
            await #expect(throws: WebSocketClient.Refused(status: 404)) {
                try await ChatClient.with(port, "/chat/\(path)") { _ in }
            }
        }
    }

    @Test("browsers are not served where containers come in")
    func agentListener() async throws {
        try await serving(bench(), agents: "127.0.0.2") { port async throws -> Void in
            let id = try await ChatCalls.open(port)
            let client = WebSocketClient(messageLimit: 1 << 16, random: { 7 })
            await #expect(throws: WebSocketClient.Refused(status: 404)) {
                _ = try await client.open(.init(host: "127.0.0.2", port: port, path: "/chat/ws/\(id)"))
            }
            _ = try await client.open(.init(host: "127.0.0.2", port: port, path: "/chat/container/\(id)"))
        }
    }

    @Test("who only listens is sent away when the key that let it in is another one")
    func endOfAccess() async throws {
        var bench = bench()
        let clock = TestClock()
        bench.clock = clock
        let key = bench.key
        try await serving(bench) { port async throws -> Void in
            let path = "/chat/ws/\(try await ChatCalls.open(port))"
            try await ChatClient.with(port, path) { client in
                #expect(await client.hear(type: "session") != nil)
                key.change { $0 = "another" }
                // The heartbeat and the ping.
                await clock.waitForSleepers(2)
                clock.advance(by: ChatLimits.heartbeat)
                #expect(await client.end() == .lost)
            }
        }
    }

    @Test("what is no message is told to its sender, and what is too much ends the connection")
    func junk() async throws {
        try await serving(bench()) { port async throws -> Void in
            let path = "/chat/ws/\(try await ChatCalls.open(port))"
            try await ChatClient.with(port, path) { client in
                client.say(raw: "{")
                #expect(await client.hear(type: "error")?["message"]?.stringValue?.hasPrefix("Not understood") == true)
                client.forget()
                client.say(["type": "clear"])
                #expect(await client.hear(type: "error") != nil)
                for _ in 0..<20 { client.say(["type": "cancel"]) }
                #expect(await client.end().code == .policyViolation)
            }
            try await ChatClient.with(port, path) { client in
                client.say(["type": "user_message", "text": .string(String(repeating: "x", count: 64 << 10))])
                #expect(await client.end().code == .messageTooLarge)
            }
        }
    }

    @Test("a container without the right token is sent away, and so is a second one")
    func tokens() async throws {
        let bench = bench()
        try await serving(bench) { port async throws -> Void in
            let id = try await ChatCalls.open(port)
            let path = "/chat/container/\(id)"
            let auth: JSONValue = ["type": "auth", "token": .string(FakeChats.token)]
            for first: JSONValue in [["type": "auth", "token": .string(id)], ["type": "heartbeat"]] {
                try await ChatClient.with(port, path, headers: [:]) { client in
                    client.say(first)
                    #expect(await client.end().code == .policyViolation)
                }
            }
            #expect(await bench.chats.ends.isEmpty)
            try await ChatClient.with(port, "/chat/ws/\(id)") { browser in
                try await ChatClient.with(port, path, headers: [:]) { container in
                    container.say(auth)
                    #expect(await browser.hear(state: "ready") != nil)
                    try await ChatClient.with(port, path, headers: [:]) { second in
                        second.say(auth)
                        #expect(await second.end().code == .policyViolation)
                    }
                }
                #expect(
                    await browser.hear(type: "error")?["message"]?.stringValue?.contains("container is gone") == true
                )
                #expect(await browser.end().code == .normalClosure)
            }
            #expect(await bench.chats.ends == ["the agent's container is gone"])
        }
    }

    @Test("a container that shows no token in time is cut off")
    func silence() async throws {
        let clock = TestClock()
        var bench = Bench()
        bench.clock = clock
        try await serving(bench) { port async throws -> Void in
            let id = try await ChatCalls.open(port)
            try await ChatClient.with(port, "/chat/ws/\(id)") { browser in
                try await ChatClient.with(port, "/chat/container/\(id)", headers: [:]) { container in
                    container.say(["type": "auth", "token": .string(FakeChats.token)])
                    #expect(await browser.hear(state: "ready") != nil)
                    try await ChatClient.with(port, "/chat/container/\(id)", headers: [:]) { silent in
                        // At each of the three connections two tasks sleep, one of those at this one for the token.
                        await clock.waitForSleepers(6)
                        clock.advance(by: ChatLimits.authentication)
                        #expect(await silent.end() == .lost)
                    }
                    container.say(["type": "error", "message": "still here"])
                    #expect(await browser.hear(type: "error")?["message"] == "still here")
                }
            }
        }
    }

    @Test("what one side says the other hears, without stored secrets; who comes later gets it all")
    func relay() async throws {
        let bench = bench()
        try await serving(bench) { port async throws -> Void in
            let id = try await ChatCalls.open(port)
            try await ChatClient.with(port, "/chat/container/\(id)", headers: [:]) { container in
                container.say(["type": "auth", "token": .string(FakeChats.token)])
                try await ChatClient.with(port, "/chat/ws/\(id)") { browser in
                    #expect(await browser.hear(state: "ready") != nil)
                    browser.say(["type": "user_message", "text": "hi"])
                    #expect(await container.hear(type: "user_message") == ["type": "user_message", "text": "hi"])
                    container.say([
                        "type": "tool_start", "id": "1", "tool": "bash", "input": ["command": "echo hunter22"],
                    ])
                    #expect(await browser.hear(type: "tool_start")?["input"]?["command"] == "echo [masked]")
                    browser.say(["type": "cancel"])
                    #expect(await container.hear(type: "cancel") != nil)
                    container.say(["type": "assistant_message", "text": "bye", "done": true])
                    #expect(await browser.hear(type: "assistant_message")?["text"] == "bye")
                }
                try await ChatClient.with(port, "/chat/ws/\(id)") { later in
                    #expect(await later.hear(type: "assistant_message") != nil)
                    #expect(
                        later.views.map { $0["type"]?.stringValue } == [
                            "session", "user_message", "tool_start", "assistant_message",
                        ]
                    )
                    let status = try await ChatCalls.call(port, "POST", "/\(id)/clear").0
                    #expect(status == 200)
                    #expect(await container.hear(type: "clear") != nil)
                    later.say(["type": "shutdown"])
                    #expect(await later.hear(state: "ended") != nil)
                }
                #expect(await container.end().code == .normalClosure)
            }
            #expect(await bench.chats.activity > 0)
            #expect(await bench.chats.ends == ["it was closed"])
        }
    }
}
