import Domain
import Foundation
import Hummingbird
import HummingbirdTesting
import OrderedCollections
import NIOCore
import Scheduler
import Storage
import Synchronization
import Testing

@testable import Gateway

@Suite("What operators may ask")
struct OperatorTests {
    private let key: HTTPFields = [.authorization: "Bearer key"]

    @Test(
        "15.5 without a key: pages are sent to the login, everything else is 401, also unknown paths",
        arguments: [
            "/control/status", "/control/nothing", "/control", "/locks/status", "/api/logs/scheduler", "/api/x",
            "/api/runs/dev-a1b2c3d4", "/api/runs/dev-a1b2c3d4/stream", "/api/slots", "/api/next", "/api/queue",
            "/api/why/dev",
            "/api/audit", "/api/stats/summary", "/control/instances", "/control/kill/x", "/dashboard", "/dashboard/x",
            "/dashboard/api/status-stream", "/control/pause",
        ]
    )
    func authMatrix(path: String) async throws {
        let gateway = try Bench().gateway()
        let plain = try await ask(gateway, .get, path)
        #expect(plain.status.code == 401)
        #expect(plain.text == #"{"error":"Unauthorized"}"#)
        #expect(plain.headers[.wwwAuthenticate] == "Bearer")
        let wrong = try await ask(gateway, .get, path, headers: [.authorization: "Bearer keys"])
        #expect(wrong.status.code == 401)
        let browser = try await ask(gateway, .get, path, headers: [.accept: "text/html,*/*"])
        #expect(browser.status.code == 302)
        #expect(browser.headers[.location] == "/login")
    }

    typealias Row = (path: String, body: String?, status: Int, answer: String, order: String)

    private static let rows: [Row] = [
        ("pause", nil, 200, #"{"success":true,"message":"Scheduler paused"}"#, "paused true"),
        ("resume", nil, 200, #"{"success":true,"message":"Scheduler resumed"}"#, "paused false"),
        ("stop", nil, 200, #"{"success":true,"message":"Scheduler stopping","running":3}"#, "stop false - false"),
        (
            "stop", #"{"now":true,"grace":60,"clear":true}"#, 200,
            #"{"success":true,"message":"Scheduler stopping","dropped":2}"#, "stop true 60 true"
        ),
        (
            "kill/dev-a1b2c3d4", nil, 200, #"{"success":true,"message":"Instance dev-a1b2c3d4 killed"}"#,
            "kill dev-a1b2c3d4"
        ),
        (
            "trigger/dev", #"{"prompt":"do"}"#, 200,
            #"{"success":true,"message":"Agent dev triggered","instanceId":"dev-a1b2c3d4"}"#, "trigger dev do"
        ),
        ("agents/dev/enable", nil, 200, #"{"success":true,"message":"Agent dev enabled"}"#, "enabled true dev"),
        ("agents/dev/disable", nil, 200, #"{"success":true,"message":"Agent dev disabled"}"#, "enabled false dev"),
        ("agents/dev/pause", nil, 200, #"{"success":true,"message":"Agent dev paused"}"#, "enabled false dev"),
        ("agents/dev/resume", nil, 200, #"{"success":true,"message":"Agent dev resumed"}"#, "enabled true dev"),
        (
            "agents/dev/kill", nil, 200, #"{"success":true,"message":"Killed 2 instance(s) of dev","killed":2}"#,
            "kill all dev"
        ),
    ]

    @Test("15.1 each order has its answer", arguments: rows)
    func orders(row: Row) async throws {
        let bench = Bench()
        let response = try await ask(try bench.gateway(), .post, "/control/" + row.path, row.body, headers: key)
        #expect(response.status.code == row.status)
        #expect(response.text == row.answer)
        #expect(bench.planes.state.withLock { $0.orders } == [row.order])
    }

    /// Bodies of orders, and what is said of those that cannot be meant.
    private static let bodies: [(path: String, body: String, problem: String?)] = [
        ("trigger/dev", "", nil), ("trigger/dev", "{}", nil), ("trigger/dev", #"{"prompt":null}"#, nil),
        ("trigger/dev", #"{"prompt":""}"#, nil), ("trigger/dev", "garbage", "invalid JSON body"),
        ("trigger/dev", "[]", "invalid JSON body"), ("trigger/dev", "null", "invalid JSON body"),
        ("trigger/dev", #"{"prompt":5}"#, "prompt is of the wrong type"), ("stop", "now", "invalid JSON body"),
        ("stop", #"{"grace":-5}"#, "grace must not be negative"),
        ("stop", #"{"grace":"60"}"#, "grace is of the wrong type"), ("stop", #"{"now":1}"#, "now is of the wrong type"),
    ]

    @Test("an order whose body cannot be read is not carried out without it", arguments: bodies)
    func unreadableBodies(path: String, body: String, problem: String?) async throws {
        let bench = Bench()
        let response = try await ask(try bench.gateway(), .post, "/control/" + path, body, headers: key)
        #expect(response.status.code == (problem == nil ? 200 : 400))
        if let problem { #expect(response.text == #"{"error":"\#(problem)"}"#) }
        #expect(bench.planes.state.withLock { $0.orders } == (problem == nil ? ["trigger dev -"] : []))
    }

    @Test("refusals have their words")
    func refusals() async throws {
        let bench = Bench()
        let gateway = try bench.gateway()
        let rows: [(RefusalError.Code, String, Int, String)] = [
            (.notFound, "trigger/x", 404, "Agent x not found"), (.notFound, "kill/x", 404, "Instance x not found"),
            (.conflict, "trigger/x", 409, "why"), (.stopping, "trigger/x", 409, "why"),
            (.notFound, "agents/x/kill", 404, "Agent x not found"), (.conflict, "agents/x/resume", 409, "why"),
        ]
        for (code, path, status, text) in rows {
            bench.planes.set { $0.refusal = RefusalError(code: code, reason: "why") }
            let response = try await ask(gateway, .post, "/control/" + path, headers: key)
            #expect(response.status.code == status)
            #expect(response.text == #"{"error":"\#(text)"}"#)
        }
    }

    /// What an order that waits is told.
    private static let obstacles: [(obstacle: TriggerAnswer.Obstacle?, says: String)] = [
        (.runners(1), ": all 1 runners are busy"),
        (.projectScale(2), ": the project's scale of 2 is used up by other runs"),
        (.image, ": its image is not built yet"), (nil, ""),
    ]

    @Test("an order that waits says for what", arguments: obstacles)
    func queued(obstacle: TriggerAnswer.Obstacle?, says: String) async throws {
        let bench = Bench()
        bench.planes.set { $0.triggered = TriggerAnswer(instance: nil, obstacle: obstacle) }
        let queued = try await ask(try bench.gateway(), .post, "/control/trigger/dev", headers: key)
        #expect(queued.text == #"{"success":true,"message":"Agent dev queued\#(says)","queued":true}"#)
    }

    /// Every order when the scheduler fails.
    private static let failures: [(path: String, failed: String)] = [
        ("kill/dev-a1b2c3d4", "Failed to kill instance"), ("pause", "Failed to pause scheduler"),
        ("resume", "Failed to resume scheduler"), ("stop", "Failed to stop scheduler"),
        ("trigger/dev", "Failed to trigger agent"), ("agents/dev/enable", "Failed to enable agent"),
        ("agents/dev/disable", "Failed to disable agent"), ("agents/dev/pause", "Failed to pause agent"),
        ("agents/dev/resume", "Failed to resume agent"), ("agents/dev/kill", "Failed to kill agent"),
    ]

    @Test("15.1 an order that cannot be carried out has its status and words", arguments: failures)
    func troubles(path: String, failed: String) async throws {
        let bench = Bench()
        let gateway = try bench.gateway()
        bench.planes.set { $0.failure = StorageError(code: .cannotWrite, message: "disk full") }
        let broken = try await ask(gateway, .post, "/control/" + path, headers: key)
        #expect(broken.status.code == 500)
        #expect(broken.text == #"{"error":"\#(failed): disk full"}"#)
        #expect(bench.planes.state.withLock { $0.orders.isEmpty })
        let wrongMethod = try await ask(gateway, .get, "/control/" + path, headers: key)
        #expect(wrongMethod.status.code == 405)
        #expect(wrongMethod.headers[.allow] == "POST")
    }

    @Test("an unexpected failure tells nothing but an id, which the log explains")
    func internalError() async throws {
        let bench = Bench()
        bench.planes.set { $0.history = BrokenHistory() }
        let response = try await ask(try bench.gateway(), .get, "/api/slots", headers: key)
        #expect(response.status.code == 500)
        let answer = try JSONValue(parsing: response.text)
        let id = try #require(answer["requestId"]?.stringValue)
        #expect(answer["error"] == "internal error" && !response.text.contains("secret path"))
        let line = try #require(bench.lines.value.first { $0.level == .error })
        #expect(line.fields["requestId"]?.stringValue == id)
        #expect(line.fields.compactText.contains("secret path"))
    }

    @Test("status, locks, health and unknown runs")
    func reading() async throws {
        let bench = Bench()
        let gateway = try bench.gateway()
        let status = try JSONValue(parsing: try await ask(gateway, .get, "/control/status", headers: key).text)
        #expect(status["scheduler"]?["mode"] == "docker")
        #expect(status["scheduler"]?.objectValue?.keys.contains("stopping") == false)
        #expect(status["agents"]?[0]?["lastError"] == JSONValue.null)
        #expect(status["queueSizes"]?["dev"] == 0)
        for list in ["dropped", "reloadProblems"] { #expect(status[list] == [:]) }
        #expect(status["spentBudgets"] == [])
        let locks = try await ask(gateway, .get, "/locks/status", headers: key)
        #expect(locks.text.contains(#""resourceKey":"k","agentName":"dev","heldSince":1000"#))
        #expect(try await ask(gateway, .get, "/api/runs/dev-a1b2c3d4", headers: key).status.code == 404)
        let runs = try await ask(gateway, .get, "/api/stats/agents/dev/runs?limit=1000", headers: key)
        #expect(runs.text == #"{"runs":[],"total":0,"page":1,"limit":200}"#)
        bench.planes.set { $0.problems = ["storage: no space left on device"] }
        let instances = try await ask(gateway, .get, "/control/instances", headers: key)
        #expect(instances.text == #"{"instances":[]}"#)
        let reads = bench.planes.state.withLock { $0.statusReads }
        let health = try await ask(gateway, .get, "/health")
        #expect(health.text == #"{"status":"degraded","problems":["storage: no space left on device"]}"#)
        #expect(bench.planes.state.withLock { $0.statusReads } == reads)
    }

    @Test("the login opens a session that a rotated key or a logout ends")
    func login() async throws {
        let bench = Bench()
        let gateway = try bench.gateway()
        let wrong = try await ask(gateway, .post, "/login", "key=no")
        #expect(wrong.status.code == 401)
        #expect(wrong.text.contains("Invalid API key"))
        let right = try await ask(gateway, .post, "/login", "key=key")
        #expect(right.status.code == 302)
        #expect(right.headers[.location] == "/dashboard")
        let cookie = try #require(right.headers[.setCookie])
        #expect(cookie.hasSuffix("; HttpOnly; SameSite=Strict; Path=/; Secure"))
        let session: HTTPFields = [.cookie: String(cookie.prefix { $0 != ";" })]
        let page = try await ask(gateway, .get, "/dashboard", headers: session)
        #expect(page.status.code == 200)
        #expect(page.text.contains("p&lt;1&gt;") && !page.text.contains("<b>1"))
        #expect(!page.text.contains("<script>") && !page.text.contains("style="))
        #expect(try await ask(gateway, .get, "/dashboard", headers: [.cookie: "al_session=key"]).status.code == 401)
        var either = session
        either[.authorization] = "Bearer wrong"
        #expect(try await ask(gateway, .get, "/control/status", headers: either).status.code == 200)
        let cross = try await ask(gateway, .post, "/control/pause", headers: session)
        #expect(cross.status.code == 403)
        #expect(cross.text == #"{"error":"cross-origin request refused"}"#)
        var same = session
        same[.origin] = "http://localhost"
        #expect(try await ask(gateway, .post, "/control/pause", headers: same).status.code == 200)
        bench.time.change { $0 += 86_401 }
        #expect(try await ask(gateway, .get, "/dashboard", headers: session).status.code == 401)
        bench.time.change { $0 -= 86_401 }
        let again = try #require(try await ask(gateway, .post, "/login", "key=key").headers[.setCookie])
        let second: HTTPFields = [.cookie: String(again.prefix { $0 != ";" })]
        bench.key.change { $0 = "other" }
        #expect(try await ask(gateway, .get, "/dashboard", headers: second).status.code == 401)
    }

    @Test("a logout ends the session when a page of this host asks for it, and for nobody else")
    func logout() async throws {
        let bench = Bench()
        let gateway = try bench.gateway()
        let cookie = try #require(try await ask(gateway, .post, "/login", "key=key").headers[.setCookie])
        var session: HTTPFields = [.cookie: String(cookie.prefix { $0 != ";" })]
        // A form on a page without a referrer sends "null", as does a frame that is shut in.
        for origin in [nil, "null", "https://elsewhere.example"] {
            session[.origin] = origin
            #expect(try await ask(gateway, .post, "/logout", headers: session).status.code == 403)
        }
        session[.origin] = "http://localhost"
        #expect(try await ask(gateway, .get, "/dashboard", headers: session).status.code == 200)
        let answer = try await ask(gateway, .post, "/logout", headers: session)
        #expect(answer.status.code == 302)
        #expect(answer.headers[.location] == "/login")
        #expect(answer.headers[.setCookie]?.hasPrefix("al_session=; ") == true)
        #expect(try await ask(gateway, .get, "/dashboard", headers: session).status.code == 401)
    }

    @Test("a configuration is shown without headers, environments, passwords in URLs and stored credentials")
    func maskedConfiguration() async throws {
        let bench = Bench()
        let url = "https://user:password@host/v1"
        let document: JSONValue = [
            "name": "dev", "model": ["provider": "openai", "model": "m", "baseUrl": .string(url)],
            "mcp": [["name": "s", "url": .string(url), "headers": ["Authorization": "Bearer swordfish"]]],
            "_agentsMd": "Use hunter22.", "_directory": "/agents/dev",
        ]
        let agent = try AgentConfig(json: document)
        bench.planes.set { $0.agents = [agent] }
        let text = try await ask(try bench.gateway(), .get, "/dashboard/api/agents/dev", headers: key).text
        #expect(text.contains("https://user:***@host/v1"))
        for secret in ["password", "swordfish", "hunter22"] { #expect(!text.contains(secret), "\(text)") }
    }

    @Test("scripts and styles are taken for nothing else")
    func assets() async throws {
        let script = try await ask(try Bench().gateway(), .get, "/dashboard/assets/api.js")
        #expect(script.headers[try #require(HeaderName("X-Content-Type-Options"))] == "nosniff")
    }

    @Test("the sixth failed login of a minute is refused, also with the right key")
    func loginLimit() async throws {
        let bench = Bench()
        let gateway = try bench.gateway()
        try await gateway.application(for: .main, address: .hostname("127.0.0.1", port: 0)).test(.router) { client in
            for _ in 0..<5 {
                let response = try await client.execute(
                    uri: "/login",
                    method: .post,
                    body: ByteBuffer(string: "key=no")
                )
                #expect(response.status.code == 401)
            }
            let response = try await client.execute(uri: "/login", method: .post, body: ByteBuffer(string: "key=key"))
            #expect(response.status.code == 429)
            bench.time.change { $0 += 61 }
            let later = try await client.execute(uri: "/login", method: .post, body: ByteBuffer(string: "key=key"))
            #expect(later.status.code == 302)
        }
    }

    @Test("without the web UI there is no dashboard, but a login page")
    func noDashboard() async throws {
        let gateway = try Bench().gateway(.init(port: 0))
        for path in ["/dashboard", "/dashboard/api/status-stream", "/"] {
            #expect(try await ask(gateway, .get, path, headers: key).status.code == 404)
            #expect(try await ask(gateway, .get, path, headers: [.accept: "text/html"]).status.code == 404)
        }
        #expect(try await ask(gateway, .get, "/login").status.code == 200)
    }
}
