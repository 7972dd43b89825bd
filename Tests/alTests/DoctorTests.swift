import Domain
import Foundation
import Hummingbird
import LanguageModels
import NIOCore
import OrderedCollections
import TestSupport
import Testing

@testable import al

@Suite(.timeLimit(.minutes(5))) struct DoctorTests {
    private static let config = "[local]\nruntime = \"host\"\n\n[model]\nprovider = \"scripted\"\nmodel = \"s.yaml\"\n"

    private func writeProject(_ al: AlProcess, config: String = Self.config, agent: String = "") throws {
        try al.write("config.toml", config)
        try al.write(
            "agents/dev/agent-config.toml",
            "credentials = []\nschedule = \"0 9 * * *\"\ntimezone = \"UTC\"\n" + agent
        )
        try al.write("agents/dev/ACTIONS.md", "x")
        try al.write("agents/dev/s.yaml", "turns: [ { text: x } ]\n")
    }

    @Test("a sound project is told what there is; without a terminal nothing is written")
    func sound() async throws {
        try await AlProcess.withDirectory { al in
            try writeProject(al)
            let result = try await al.run("doctor")
            #expect(result.error.contains("There is no terminal to ask on"))
            let lines = result.output.split(separator: "\n").map(String.init)
            #expect(lines.contains("  [ok] 1 agent, no problem in any file"))
            #expect(lines.contains("  [ok] No agent needs a credential"))
            #expect(lines.contains { $0.hasPrefix("  [warn] Agent dev: host, isolation D: ") })
            let fires = lines.first { $0.hasPrefix("  [ok] Agent dev: \"0 9 * * *\" in ") }
            #expect(fires?.components(separatedBy: " 09:00:00").count == 6)
            #expect(!FileManager.default.fileExists(atPath: al.home))
            #expect(!FileManager.default.fileExists(atPath: al.directory + "/.al"))
        }
    }

    @Test("what is broken has its place, its id and what can be done, for scripts too")
    func broken() async throws {
        try await AlProcess.withDirectory { al in
            try writeProject(al, agent: "credentals = 1\nscale = \"two\"\n\n[[webhooks]]\nsource = \"hub\"\n")
            let result = try await al.run("doctor", "--check-only", "--json")
            #expect(result.code == 1)
            #expect(result.error.isEmpty)
            let document = try JSONValue(parsing: result.output)
            #expect(document["ok"] == false)
            let findings = try #require(document["findings"]?.arrayValue)
            let scale = try #require(findings.first { $0["key"] == "scale" })
            #expect(scale["id"] == "E17")
            #expect(scale["code"] == "config.bad-type")
            #expect(scale["file"] == "agents/dev/agent-config.toml")
            #expect(scale["line"] == 5)
            #expect(scale["mark"] == "fail")
            let key = try #require(findings.first { $0["key"] == "credentals" })
            #expect(key["mark"] == "warn")
            #expect(key["suggestion"] == "credentials")
            #expect(findings.contains { $0["id"] == "E14" })
            try writeProject(al)
            try al.write("agents/dev/s.yaml", "turns:\n  - txt: x\n")
            let script = try await JSONValue(parsing: al.run("doctor", "--check-only", "--json").output)
            let problem = try #require(script["findings"]?.arrayValue?.first { $0["id"] == "E24" })
            #expect(problem["code"] == "script.invalid")
            #expect(problem["file"] == "agents/dev/s.yaml" && problem["line"] == 2)
            #expect(problem["key"] == "turns[0]" || problem["key"] == "turns[0].txt")
        }
    }

    @Test("a limit on cost is accepted with a script, which names its prices itself, and refused without a price")
    func costLimit() async throws {
        try await AlProcess.withDirectory { al in
            try writeProject(al, agent: "[limits]\nmaxCostPerDay = 0.05\n")
            let scripted = try await al.run("doctor", "--check-only")
            #expect(scripted.code == 0, "\(scripted.output)")
            let custom = "[model]\nprovider = \"custom\"\nmodel = \"m\"\nbaseUrl = \"http://127.0.0.1:1/v1\"\n"
            try writeProject(al, config: custom, agent: "[limits]\nmaxCostPerDay = 0.05\n")
            #expect(try await al.run("doctor", "--check-only").output.contains("the price of `m` is unknown"))
        }
    }

    @Test("a missing credential and a store that others can read are named with what to type")
    func credentials() async throws {
        try await AlProcess.withDirectory { al in
            try writeProject(al)
            try al.write("agents/dev/agent-config.toml", "credentials = [\"github_token\"]\nmanual = true\n")
            let missing = try await al.run("doctor", "--check-only")
            #expect(missing.code == 1)
            #expect(missing.output.contains("[fail] [MISSING] "))
            #expect(missing.output.contains("Run: al creds add github_token"))
            try al.write("home/credentials/github_token/default/token", "ghp_x\n")
            let field = al.home + "/credentials/github_token/default/token"
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: field)
            let open = try await al.run("doctor", "--check-only")
            #expect(open.code == 1)
            #expect(open.output.contains("chmod -R go= \(al.home)/credentials"), "\(open.output)")
            #expect(!open.output.contains("ghp_x"))
            #expect(!open.output.contains("A stored value is not hidden"), "\(open.output)")
        }
    }

    @Test("the server of a custom model is asked whether it has the model, and the model to call a tool")
    func customModel() async throws {
        try await AlProcess.withDirectory { al in
            try await withModels(["qwen3:8b", "llama3", "off"]) { base in
                for (id, mark, words) in [
                    ("qwen3:8b", "ok", "answers and calls tools"), ("llama3", "warn", "did not call the tool"),
                    ("off", "fail", "a request with a tool failed: tools are off"),
                    ("qwen3:7b", "fail", "did you mean \"qwen3:8b\"?"),
                ] {
                    try writeProject(al, config: model(id, base))
                    let output = try await al.run("doctor", "--check-only").output
                    let line = output.split(separator: "\n").first { $0.contains("] Model ") }
                    #expect(line?.hasPrefix("  [\(mark)] Model \(id) at \(base)") == true, "\(output)")
                    #expect(line?.contains(words) == true, "\(output)")
                }
            }
            try writeProject(al, config: model("x", "http://127.0.0.1:1/v1"))
            let silent = try await al.run("doctor", "--check-only")
            #expect(silent.code == 1)
            #expect(silent.output.contains("[fail] Model x at http://127.0.0.1:1/v1: no answer"), "\(silent.output)")
        }
    }

    @Test(
        "servers of other formats are asked for their models as their own clients would",
        arguments: [
            (ModelWireFormat.anthropic, "/", "x-api-key"), (.anthropic, "/v1/", "x-api-key"),
            (.google, "/v1beta/", "x-goog-api-key"), (.responses, "/v1/", "authorization"),
            (.chat, "/v1/chat/completions", "authorization"),
        ]
    )
    func otherFormats(format: ModelWireFormat, ending: String, header: String) async throws {
        let router = Router()
        for path in ["/v1/models", "/v1beta/models"] {
            router.get("\(path)") { request, _ in
                let given = request.headers.first { $0.name.rawName.lowercased() == header }
                let isNamed = request.headers[.userAgent]?.hasPrefix("action-llama/") == true
                guard given?.value.hasSuffix("secret") == true, isNamed else { throw HTTPError(.unauthorized) }
                return path == "/v1/models" ? #"{"data":[{"id":"one"}]}"# : #"{"models":[{"name":"models/one"}]}"#
            }
        }
        #expect(try await models(of: router, format: format, ending: ending) == .ids(["one"]))
    }

    @Test("a server is asked for its models with the configured user agent")
    func userAgent() async throws {
        let router = Router()
        router.get("/v1/models") { request, _ in
            guard request.headers[.userAgent] == "team/1" else { throw HTTPError(.forbidden) }
            return #"{"data":[{"id":"one"}]}"#
        }
        let headers = ["User-Agent": "team/1"]
        #expect(try await models(of: router, format: .chat, ending: "/v1", headers: headers) == .ids(["one"]))
    }

    @Test(
        "a model that is not on the first page of a long list may be on another",
        arguments: [(ModelWireFormat.anthropic, "/v1", "limit"), (.google, "/v1beta", "pageSize")]
    )
    func longLists(format: ModelWireFormat, ending: String, size: String) async throws {
        let router = Router()
        for path in ["/v1/models", "/v1beta/models"] {
            router.get("\(path)") { request, _ in
                guard request.uri.queryParameters["\(size)"] == "1000" else { throw HTTPError(.badRequest) }
                return path == "/v1/models"
                    ? #"{"data":[{"id":"other"}],"has_more":true}"#
                    : #"{"models":[{"name":"models/other"}],"nextPageToken":"t"}"#
            }
        }
        #expect(try await models(of: router, format: format, ending: ending) == .firstIDs(["other"]))
    }

    private func models(
        of router: Router<BasicRequestContext>,
        format: ModelWireFormat,
        ending: String,
        headers: [String: String] = [:]
    ) async throws -> ModelServer.Answer {
        try await LoopbackServer.run(router.buildResponder()) { port in
            var config = ModelConfig(provider: .custom, model: "one")
            config.baseURL = "http://127.0.0.1:\(port)\(ending)"
            config.wireFormat = format
            config.headers = headers
            let settled = config
            return try await HTTPRoutes.with(.direct) { http in
                await ModelServer(model: settled, key: "secret", http: http).models()
            }
        }
    }

    @Test("a server without an address is not asked, which is said")
    func noAddress() async throws {
        let answer = try await HTTPRoutes.with(.direct) { http in
            await ModelServer(model: ModelConfig(provider: .custom, model: "one"), key: nil, http: http).models()
        }
        #expect(answer == .silent("the provider needs a URL: set baseUrl in the [model] table"))
    }

    @Test("a port that somebody else listens on is found")
    func takenPort() async throws {
        try await AlProcess.withDirectory { al in
            try await withModels([]) { base in
                let port = try #require(base.split(separator: ":").last?.split(separator: "/").first)
                try writeProject(al, config: Self.config + "\n[gateway]\nport = \(port)\n")
                let result = try await al.run("doctor", "--check-only")
                #expect(result.code == 1)
                #expect(result.output.contains("[fail] Port \(port) is taken"), "\(result.output)")
            }
        }
    }

    private func model(_ id: String, _ base: String) -> String {
        "[local]\nruntime = \"host\"\n\n[model]\nprovider = \"custom\"\nmodel = \"\(id)\"\nbaseUrl = \"\(base)\"\nauthType = \"api_key\"\n"
    }

    /// What the models say when they are told to call a tool; one is on a server without tools.
    private static func reply(of model: String) -> (status: HTTPResponse.Status, type: String, body: String) {
        let call =
            #"{"tool_calls":[{"index":0,"id":"1","function":{"name":"report","arguments":"{\"word\":\"ready\"}"}}]}"#
        guard model != "off" else {
            return (.badRequest, "application/json", #"{"error":{"message":"tools are off"}}"#)
        }
        let delta = model == "llama3" ? #"{"content":"ready"}"# : call
        let chunk = #"data: {"choices":[{"delta":\#(delta),"finish_reason":"stop"}]}"#
        return (.ok, "text/event-stream", chunk + "\n\ndata: [DONE]\n\n")
    }

    /// Serves models on a free port while `body` runs.
    private func withModels(_ ids: [String], _ body: (_ base: String) async throws -> Void) async throws {
        let list = JSONValue.array(ids.map { ["id": .string($0)] })
        let answer = JSONValue.object(["data": list]).compactText
        let router = Router()
        router.get("/v1/models") { _, _ in answer }
        router.post("/v1/chat/completions") { request, _ in
            let buffer = try await request.body.collect(upTo: 1 << 20)
            let id = try JSONValue(parsing: buffer.readableBytesView)["model"]?.stringValue ?? ""
            let (status, type, body) = Self.reply(of: id)
            return Response(
                status: status,
                headers: [.contentType: type],
                body: .init(byteBuffer: ByteBuffer(string: body))
            )
        }
        try await LoopbackServer.run(router.buildResponder()) { try await body("http://127.0.0.1:\($0)/v1") }
    }
}
