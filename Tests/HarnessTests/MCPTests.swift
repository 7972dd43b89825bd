import AsyncHTTPClient
import Domain
import Foundation
import LanguageModels
import NIOCore
import Synchronization
import Testing

@testable import Harness

/// The small server of the test tree.
enum MCPScript {
    static let path = URL(filePath: #filePath).deletingLastPathComponent().path + "/Fixtures/mcp/server.py"

    static func stdio(_ name: String = "test", options: JSONValue = [:], log: String = "") -> MCPServerConfig {
        MCPServerConfig(
            name: name,
            transport: .stdio(
                command: ["python3", path],
                environment: ["MCP_TEST": options.compactText, "MCP_LOG": log, "WORD": "hello"],
                directory: nil
            )
        )
    }
}

@Suite(
    .timeLimit(.minutes(5)),
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3"), "python3")
)
struct MCPTests {
    /// Runs a body with servers that are up.
    private func withServers<R: Sendable>(
        _ configs: [MCPServerConfig],
        directory: String,
        acceptsImages: Bool = false,
        warn: @escaping @Sendable (MCPError) -> Void = { _ in },
        body: @escaping @Sendable (MCPServers, ToolContext) async throws -> R
    ) async throws -> R {
        let context = toolContext(directory, acceptsImages: acceptsImages)
        return try await MCPServers.with(
            configs,
            context: context,
            proxies: .direct,
            clock: ContinuousClock(),
            version: "1",
            warn: warn,
            body: { try await body($0, context) }
        )
    }

    private func received(_ log: String) throws -> [JSONValue] {
        try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map {
            try JSONValue(parsing: String($0))
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var tool: String
        var arguments: JSONValue = [:]
        var text: String
        var isError = false
        var testDescription: String { tool }
    }

    @Test(
        "Over standard streams a call brings the server's result",
        arguments: [
            Case(tool: "echo", arguments: ["text": "a", "more": 1], text: #"echo: {"more": 1, "text": "a"}"#),
            Case(tool: "fail", text: "it broke", isError: true),
            Case(tool: "facts", text: #"{"a":1}"#),
            Case(tool: "picture", text: "[picture (image/png); this model cannot see pictures]\nseen"),
            Case(tool: "steady", text: "done"),
            Case(tool: "ask", text: "ok refused refused refused"),
        ]
    )
    func calls(_ example: Case) async throws {
        try await withDirectory { directory in
            let output = try await withServers([MCPScript.stdio()], directory: directory) { servers, context in
                let tool = try #require(servers.registry().tool(named: "mcp__test__\(example.tool)"))
                return try await tool.run(example.arguments, in: context)
            }
            #expect(output.text == example.text)
            #expect(output.isError == example.isError)
        }
    }

    @Test("A server sees the environment of tools, its own additions, and the working directory")
    func environment() async throws {
        try await withDirectory { directory in
            let text = try await withServers([MCPScript.stdio()], directory: directory) { servers, context in
                try await servers.registry().tool(named: "mcp__test__environment")?.run([:], in: context).text
            }
            #expect(text == "hello \(directory)")
        }
    }

    @Test("Tools of all pages come after our own, in the order of the servers, as far as the globs allow")
    func listing() async throws {
        try await withDirectory { directory in
            var first = MCPScript.stdio("one", options: ["page": 2])
            first.tools = ["e*", "fact?"]
            let names = try await withServers(
                [first, MCPScript.stdio("two", options: ["no_tools": true])],
                directory: directory
            ) {
                servers,
                _ in
                servers.registry().definitions.map(\.name)
            }
            #expect(
                names == ToolRegistry.standard.definitions.map(\.name) + [
                    "mcp__one__echo", "mcp__one__facts", "mcp__one__environment",
                ]
            )
        }
    }

    @Test("Globs of tools that would allow more than they name are refused")
    func wideGlobs() async throws {
        try await withDirectory { directory in
            var config = MCPScript.stdio()
            config.tools = ["{" + (1...300).map(String.init).joined(separator: ",") + "}"]
            let settled = config
            let error = await #expect(throws: MCPError.self) {
                try await withServers([settled], directory: directory) { _, _ in }
            }
            #expect(error?.text.contains("too many choices") == true)
        }
    }

    @Test("Pictures go to models that see, floods are cut")
    func results() async throws {
        try await withDirectory { directory in
            let (seen, flood) = try await withServers([MCPScript.stdio()], directory: directory, acceptsImages: true) {
                servers,
                context in
                let tools = servers.registry()
                return (
                    try await tools.tool(named: "mcp__test__picture")?.run([:], in: context),
                    try await tools.tool(named: "mcp__test__flood")?.run([:], in: context)
                )
            }
            guard case .image(let picture)? = seen?.content.last else {
                Issue.record("no picture")
                return
            }
            #expect(seen?.text == "seen" && picture.mime == "image/png")
            #expect(flood?.text.contains("100000 lines") == true)
            #expect((flood?.text.utf8.count ?? .max) < 52_000)
        }
    }

    @Test(
        "A picture that providers refuse is told instead of shown",
        arguments: [
            (["height": 9500], "[picture (image/png, 4x9500 pixels, 29B) left out: too large to show;"),
            (["padding": 4_000_000], "left out: too large to show; at most 3.5MB and 8000 pixels a side."),
            (["svg": true], "[picture (image/svg+xml) left out: only PNG, JPEG, GIF and WebP can be shown]"),
        ] as [(JSONValue, String)]
    )
    func refusedPictures(_ arguments: JSONValue, _ text: String) async throws {
        try await withDirectory { directory in
            let seen = try await withServers([MCPScript.stdio()], directory: directory, acceptsImages: true) {
                try await $0.registry().tool(named: "mcp__test__picture")?.run(arguments, in: $1)
            }
            #expect(seen?.content.count == 1)
            #expect(seen?.text.contains(text) == true && seen?.text.hasSuffix("seen") == true, "\(seen?.text ?? "")")
        }
    }

    @Test("Long messages at the same time arrive whole")
    func concurrentCalls() async throws {
        try await withDirectory { directory in
            let log = directory + "/log"
            let lengths = try await withServers([MCPScript.stdio(log: log)], directory: directory) { servers, context in
                let echo = try #require(servers.registry().tool(named: "mcp__test__echo"))
                return try await withThrowingTaskGroup(of: Int.self) { group in
                    for index in 0..<8 {
                        group.addTask {
                            let text = String(repeating: "\(index)", count: 300_000)
                            return try await echo.run(["text": .string(text)], in: context).text.utf8.count
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            #expect(lengths.count == 8 && lengths.allSatisfy { $0 > 10_000 })
            let texts = try received(log).compactMap { $0["params"]?["arguments"]?["text"]?.stringValue }
            #expect(Set(texts.map { Set($0) }).count == 8 && texts.allSatisfy { $0.count == 300_000 })
        }
    }

    @Test("A tool that is listed twice is one tool")
    func twice() async throws {
        try await withDirectory { directory in
            let names = try await withServers([MCPScript.stdio(options: ["twice": true])], directory: directory) {
                servers,
                _ in servers.registry().definitions.map(\.name)
            }
            #expect(Set(names).count == names.count && names.contains("mcp__test__echo"))
        }
    }

    @Test("An HTTP error is that of its call and not the end of the server")
    func httpErrors() async throws {
        try await withDirectory { directory in
            let log = directory + "/log"
            try await withHTTPServer(log: log) { port in
                let config = MCPServerConfig(
                    name: "web",
                    transport: .http(url: "http://127.0.0.1:\(port)/mcp", headers: ["Authorization": "Bearer sesame"])
                )
                try await withServers([config], directory: directory) { servers, context in
                    let fail = try #require(servers.registry().tool(named: "mcp__web__fail"))
                    let echo = try #require(servers.registry().tool(named: "mcp__web__echo"))
                    for (status, text) in [
                        (429, "it answered HTTP 429: not now"), (400, "it answered HTTP 400: not now"),
                        (307, "it answered HTTP 307: redirected to /elsewhere; set url"),
                    ] {
                        var told = ""
                        do { _ = try await fail.run(["status": .int(status)], in: context) } catch { told = "\(error)" }
                        #expect(told == text)
                        #expect(try await echo.run(["text": "x"], in: context).text == #"echo: {"text": "x"}"#)
                    }
                }
            }
            #expect(try received(log).filter { $0["method"] == "initialize" }.count == 1)
        }
    }

    @Test("A changed list is taken up before the next request, and the transcript says so")
    func listChanged() async throws {
        try await withDirectory { directory in
            let model = FakeModel([
                .call(call("mcp__test__add_tool")), .call(call("mcp__test__echo", ["text": "x"])), .say("ok"),
            ])
            let events = Log<SessionEvent>()
            _ = try await withServers([MCPScript.stdio()], directory: directory) { servers, context in
                await Session(
                    model: model,
                    tools: servers.registry(),
                    newTools: { await servers.changedRegistry() },
                    context: context,
                    system: "s",
                    prompt: "p",
                    header: ["v": 1],
                    clock: ContinuousClock(),
                    now: { Date(timeIntervalSince1970: 1) },
                    random: { 0 },
                    onEvent: { events.add($0) }
                ).run().outcome
            }
            let names = model.requests.map { $0.tools.map(\.name) }
            #expect(names[0].contains("mcp__test__later") == false)
            #expect(names[2].last == "mcp__test__later")
            let lines = events.entries.compactMap { if case .transcript(let line) = $0 { line } else { nil } }
            #expect(lines.filter { $0["type"] == "tools" }.count == 1)
            let record = try RecordedRun(parsing: lines.map(\.compactText).joined(separator: "\n") + "\n")
            let report = await Replay(record, tools: .recorded, now: { Date(timeIntervalSince1970: 2) }).compare()
            #expect(report == ReplayReport(turns: 3, calls: 2))
        }
    }

    @Test("A dead server is started again once; after that its tools answer errors")
    func restart() async throws {
        try await withDirectory { directory in
            let log = directory + "/log"
            let errors = try await withServers([MCPScript.stdio(log: log)], directory: directory) { servers, context in
                let tools = servers.registry()
                let die = try #require(tools.tool(named: "mcp__test__die"))
                let echo = try #require(tools.tool(named: "mcp__test__echo"))
                var errors: [MCPError.Code?] = []
                for tool in [die, echo, die, echo] {
                    do {
                        _ = try await tool.run(["text": "x"], in: context)
                        errors.append(nil)
                    } catch {
                        errors.append((error as? MCPError)?.code)
                    }
                }
                #expect(servers.registry().tool(named: "mcp__test__echo") != nil)
                return errors
            }
            #expect(errors == [.gone, nil, .gone, .gone])
            #expect(try received(log).filter { $0["method"] == "initialize" }.count == 2)
        }
    }

    @Test("Who does not wait any longer is told to the server: a cancelled call, and one that took too long")
    func cancellation() async throws {
        try await withDirectory { directory in
            let log = directory + "/log"
            var config = MCPScript.stdio(log: log)
            config.timeout = 1
            let code = try await withServers([config], directory: directory) { servers, context in
                let tool = try #require(servers.registry().tool(named: "mcp__test__slow"))
                let task = Task { try await tool.run([:], in: context) }
                while (try? received(log).contains { $0["method"] == "tools/call" }) != true { await Task.yield() }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                let error = await #expect(throws: MCPError.self) { try await tool.run([:], in: context) }
                // The answer to a further call shows that what went before has arrived.
                _ = try await servers.registry().tool(named: "mcp__test__fail")?.run([:], in: context)
                return error?.code
            }
            #expect(code == .timedOut)
            let cancelled = try received(log).filter { $0["method"] == "notifications/cancelled" }
            let calls = try received(log).filter { $0["params"]?["name"] == "slow" }
            #expect(cancelled.compactMap { $0["params"]?["requestId"] } == calls.compactMap { $0["id"] })
            #expect(cancelled.count == 2)
        }
    }

    @Test(
        "An older version is accepted, an unknown one refused",
        arguments: [("2024-11-05", true), ("1999-01-01", false)]
    )
    func versions(_ version: String, _ isAccepted: Bool) async throws {
        try await withDirectory { directory in
            let config = MCPScript.stdio(options: ["version": .string(version)])
            let run = {
                try await withServers([config], directory: directory) { servers, _ in servers.registry().tools.count }
            }
            if isAccepted {
                let count = try await run()
                #expect(count > 8)
            } else {
                let error = await #expect(throws: MCPError.self) { try await run() }
                #expect(error?.code == .unknownVersion)
            }
        }
    }

    @Test(
        "A server that does not start fails the run if it is required, else it is left out",
        arguments: [true, false]
    )
    func notStarted(_ isRequired: Bool) async throws {
        try await withDirectory { directory in
            var config = MCPServerConfig(
                name: "broken",
                transport: .stdio(command: ["sh", "-c", "echo no luck >&2; exit 4"], environment: [:], directory: nil)
            )
            config.isRequired = isRequired
            let configs = [config, MCPScript.stdio()]
            let warnings = Log<MCPError>()
            let run = {
                try await withServers(configs, directory: directory, warn: { warnings.add($0) }) { servers, _ in
                    servers.registry().definitions.map(\.name)
                }
            }
            if isRequired {
                let error = await #expect(throws: MCPError.self) { try await run() }
                #expect(error?.server == "broken")
                #expect(error?.text.contains("exited with code 4") == true, "\(error?.text ?? "")")
                #expect(error?.text.contains("no luck") == true)
            } else {
                let names = try await run()
                #expect(names.contains("mcp__test__echo"))
                #expect(warnings.entries.map(\.server) == ["broken"])
            }
        }
    }

    @Test("Over HTTP calls, sessions and what the server says of its own accord work", arguments: [false, true])
    func http(_ streams: Bool) async throws {
        try await withDirectory { directory in
            let log = directory + "/log"
            try await withHTTPServer(options: ["sse": .bool(streams)], log: log) { port in
                let config = MCPServerConfig(
                    name: "web",
                    transport: .http(url: "http://127.0.0.1:\(port)/mcp", headers: ["Authorization": "Bearer sesame"])
                )
                try await withServers([config], directory: directory) { servers, context in
                    let tools = servers.registry()
                    let echo = try await tools.tool(named: "mcp__web__echo")?.run(["text": "é"], in: context)
                    #expect(echo?.text == #"echo: {"text": "\u00e9"}"#)
                    #expect(try await tools.tool(named: "mcp__web__steady")?.run([:], in: context).text == "done")
                    _ = try await tools.tool(named: "mcp__web__add_tool")?.run([:], in: context)
                    var changed: ToolRegistry?
                    while changed == nil { changed = await servers.changedRegistry() }
                    #expect(changed?.tool(named: "mcp__web__later") != nil)
                }
                #expect(try received(log).contains { $0["method"] == "DELETE" && $0["session"] == "s1" })
            }
        }
    }

    @Test("An HTTP server that does not take the word that nobody waits holds nobody up")
    func deafToCancellation() async throws {
        try await withDirectory { directory in
            let log = directory + "/log"
            try await withHTTPServer(options: ["deaf_to": "notifications/cancelled"], log: log) { port in
                var config = MCPServerConfig(
                    name: "web",
                    transport: .http(url: "http://127.0.0.1:\(port)/mcp", headers: ["Authorization": "Bearer sesame"])
                )
                config.timeout = 1
                try await withServers([config], directory: directory) { servers, context in
                    let slow = try #require(servers.registry().tool(named: "mcp__web__slow"))
                    let error = await #expect(throws: MCPError.self) { try await slow.run([:], in: context) }
                    #expect(error?.code == .timedOut)
                    while try !received(log).contains(where: { $0["method"] == "notifications/cancelled" }) {
                        await Task.yield()
                    }
                }
            }
        }
    }

    @Test("An HTTP server that answers, but never takes the word that the session begins, does not start")
    func deafToBeginning() async throws {
        try await withDirectory { directory in
            try await withHTTPServer(options: ["deaf_to": "notifications/initialized"]) { port in
                var config = MCPServerConfig(
                    name: "web",
                    transport: .http(url: "http://127.0.0.1:\(port)/mcp", headers: ["Authorization": "Bearer sesame"])
                )
                // Enough for the answer that comes first, on a busy machine too.
                config.startTimeout = 3
                let error = await #expect(throws: MCPError.self) {
                    try await withServers([config], directory: directory) { _, _ in }
                }
                #expect(error?.code == .notStarted)
            }
        }
    }

    @Test("A refused HTTP server names the status")
    func httpRefused() async throws {
        try await withDirectory { directory in
            try await withHTTPServer() { port in
                let config = MCPServerConfig(
                    name: "web",
                    transport: .http(url: "http://127.0.0.1:\(port)/", headers: [:])
                )
                let error = await #expect(throws: MCPError.self) {
                    try await withServers([config], directory: directory) { _, _ in }
                }
                #expect(error?.text.contains("401") == true, "\(error?.text ?? "")")
            }
        }
    }

    @Test(
        "Names towards the model have the characters and the length that all providers take",
        arguments: [
            ("github", "create_issue", "mcp__github__create_issue"), ("a", "b.c", nil),
            ("a", String(repeating: "x", count: 80), nil),
            ("s", String(repeating: "y", count: 64 - 8), "mcp__s__" + String(repeating: "y", count: 56)),
        ]
    )
    func names(_ server: String, _ tool: String, _ name: String?) {
        let made = MCPTool.publicName(server: server, tool: tool)
        #expect(made.wholeMatch(of: /[A-Za-z0-9_-]{1,64}/) != nil)
        if let name {
            #expect(made == name)
        } else {
            #expect(made != MCPTool.publicName(server: server, tool: tool + "z"))
        }
    }

    @Test("Schemas lose what providers refuse", arguments: MCPTests.schemaPairs)
    func schemas(_ given: String, _ reduced: String) throws {
        #expect(MCPSchema.reduced(try JSONValue(parsing: given)).compactText == reduced)
    }

    /// As a server gives them, and as the model sees them.
    static let schemaPairs: [(String, String)] = [
        (
            #"{}"#,
            #"{"type":"object","properties":{},"required":[]}"#
        ),
        (
            #"{"type":"object","required":["a","b"],"properties":{"a":{"anyOf":[{"type":"null"},{"type":"#
                + #""integer","minimum":1}],"description":"d","default":3}},"additionalProperties":false}"#,
            #"{"type":"object","properties":{"a":{"type":"integer","description":"d","minimum":1}},"requ"#
                + #"ired":["a"]}"#
        ),
        (
            #"{"properties":{"a":{"type":["null","string"],"format":"uri"},"b":{"const":2},"c":{"type":""#
                + #"array"}}}"#,
            #"{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"number","enum":[2]},"c":"#
                + #"{"type":"array","items":{"type":"string"}}},"required":[]}"#
        ),
        (
            ##"{"$defs":{"p":{"type":"object","properties":{"x":{"type":"number"}},"required":["x"]}},"pr"##
                + ##"operties":{"a":{"allOf":[{"$ref":"#/$defs/p"},{"properties":{"y":{"type":"boolean"}}}]}}}"##,
            #"{"type":"object","properties":{"a":{"type":"object","properties":{"x":{"type":"number"},"y"#
                + #"":{"type":"boolean"}},"required":["x"]}},"required":[]}"#
        ),
    ]

    @Test("A schema that refers to itself ends")
    func recursion() throws {
        let schema = try JSONValue(
            parsing: ##"{"$defs":{"n":{"type":"object","properties":{"n":{"$ref":"#/$defs/n"}}}},"##
                + ##""properties":{"n":{"$ref":"#/$defs/n"}}}"##
        )
        #expect(MCPSchema.reduced(schema).compactText.utf8.count < 2000)
    }

    @Test("A schema that refers to itself in many places ends soon", arguments: [2, 7, 30])
    func manyReferences(_ count: Int) throws {
        let properties = (0..<count).map { ##""p\##($0)":{"$ref":"#/$defs/n"}"## }.joined(separator: ",")
        let schema = try JSONValue(
            parsing: ##"{"$defs":{"n":{"type":"object","properties":{\##(properties)}},"l":{"type":"array","items":"##
                + ##"{"$ref":"#/$defs/l"}}},"properties":{"n":{"$ref":"#/$defs/n"},"l":{"$ref":"#/$defs/l"}}}"##
        )
        let reduced = MCPSchema.reduced(schema)
        #expect(reduced.compactText.utf8.count < 3000)
        #expect(reduced["properties"]?["n"]?["properties"]?["p1"] == ["type": "object"])
        let list: JSONValue = ["type": "array", "items": ["type": "array", "items": ["type": "object"]]]
        #expect(reduced["properties"]?["l"] == list)
    }

    @Test("Of a schema with more parts than anybody reads some become any object")
    func largeSchema() throws {
        // Each definition names all others: no reference twice on one way down, and still endlessly many ways.
        let names = (0..<9).map { "d\($0)" }
        let all = names.map { ##""\##($0)":{"$ref":"#/$defs/\##($0)"}"## }.joined(separator: ",")
        let definitions = names.map { #""\#($0)":{"type":"object","properties":{\#(all)}}"# }.joined(separator: ",")
        let schema = try JSONValue(parsing: #"{"$defs":{\#(definitions)},"properties":{\#(all)}}"#)
        #expect(MCPSchema.reduced(schema).compactText.utf8.count < 200_000)
    }

    /// An interpreter that has the official SDK; the test is left out without.
    private static let sdkPython = ProcessInfo.processInfo.environment["AL_TEST_MCP_PYTHON"]

    @Test(
        "A server made with the official SDK is understood",
        .enabled(if: ProcessInfo.processInfo.environment["AL_TEST_MCP_PYTHON"] != nil, "AL_TEST_MCP_PYTHON"),
        arguments: [false, true]
    )
    func official(_ overHTTP: Bool) async throws {
        let python = try #require(Self.sdkPython)
        let script = URL(filePath: MCPScript.path).deletingLastPathComponent().path + "/official.py"
        try await withDirectory { directory in
            let check: (MCPServerConfig.Transport) async throws -> Void = { transport in
                let config = MCPServerConfig(name: "sdk", transport: transport)
                try await withServers([config], directory: directory) { servers, context in
                    let tools = servers.registry()
                    let add = try #require(tools.tool(named: "mcp__sdk__add"))
                    #expect(try await add.run(["a": 1], in: context).text == "3")
                    #expect(try await add.run(["a": "x"], in: context).isError)
                    let choose = try #require(tools.tool(named: "mcp__sdk__choose"))
                    #expect(choose.definition.schema["properties"]?["at"]?["type"] == "integer")
                    #expect(try await choose.run(["words": ["u", "v"], "at": 1], in: context).text == "v")
                }
            }
            guard overHTTP else {
                return try await check(.stdio(command: [python, script], environment: [:], directory: nil))
            }
            try await withHTTPServer([python, script, "--http"]) { port in
                try await waitForListener(port)
                try await check(.http(url: "http://127.0.0.1:\(port)/mcp", headers: [:]))
            }
        }
    }

    /// The SDK tells its port before it listens there.
    private func waitForListener(_ port: Int) async throws {
        let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup)
        while (try? await client.get(url: "http://127.0.0.1:\(port)/").get()) == nil { await Task.yield() }
        try await client.shutdown()
    }

    private func withHTTPServer(
        _ command: [String] = ["/usr/bin/python3", MCPScript.path, "--http"],
        options: JSONValue = [:],
        log: String = "",
        _ body: (Int) async throws -> Void
    ) async throws {
        let process = Process()
        let input = Pipe()
        let output = Pipe()
        process.executableURL = URL(filePath: command[0])
        process.arguments = Array(command.dropFirst())
        process.environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "MCP_TEST": options.compactText, "MCP_LOG": log,
        ]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        defer {
            // Asked to end, the SDK's server waits for the event streams that it holds open itself.
            try? input.fileHandleForWriting.close()
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        try await body(try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines))))
    }
}
