import Domain
import Foundation
import Hummingbird
import HummingbirdTesting
import Scheduler
import Storage
import TestSupport
import Testing

@testable import Gateway

@Suite("What operators may ask about the past")
struct HistoryRouteTests {
    private let key: HTTPFields = [.authorization: "Bearer key"]

    /// A gateway over a real store, in which a few things happened.
    private func withHistory(_ body: (Bench, Gateway) async throws -> Void) async throws {
        try await withTemporaryStore { store in
            let bench = Bench()
            bench.time.change { $0 = StoreSamples.at(600) }
            try await Self.happen(store)
            var dev = AgentConfig(name: try AgentName("dev"), model: ModelConfig(provider: .scripted, model: "s"))
            dev.schedule = try CronSchedule("*/5 * * * *")
            bench.planes.set { [dev] state in
                state.history = store.history
                state.agents = [dev]
            }
            try FileManager.default.createDirectory(atPath: bench.directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: bench.directory) }
            try await body(bench, try bench.gateway())
        }
    }

    private static func happen(_ store: SQLiteStore) async throws {
        let dev = try StoreSamples.agent("dev")
        var fired = try StoreSamples.run("dev", 1, at: 300)
        fired.trigger = .schedule(slot: StoreSamples.at(300))
        try await store.fire(fired, at: StoreSamples.at(300))
        let outcome = RunOutcome(state: .succeeded, exitCode: 0, usage: TokenUsage(input: 5, cost: 0.25, turns: 1))
        _ = try await store.end(fired.instance.run, with: outcome, at: StoreSamples.at(301.5))
        try await store.settle(.skipped(.busy), of: dev, at: StoreSamples.at(600))
        let order = try StoreSamples.call("c1", from: fired.instance, to: "ops", at: 302)
        _ = try await store.createCall(order.call, item: order.item)
        _ = try await store.record(try StoreSamples.delivery("d1", agents: ["dev"], at: 400))
    }

    /// Answers that must come byte for byte.
    private static let answers: [(path: String, answer: String)] = [
        (
            "/api/slots?limit=1",
            #"{"slots":[{"agent":"dev","dueAt":"2027-01-15T08:10:00.000Z","end":"skipped","reason":"busy"}],"#
                + #""next":"1800000600000-dev"}"#
        ),
        (
            "/api/slots?before=1800000600000-dev",
            #"{"slots":[{"agent":"dev","dueAt":"2027-01-15T08:05:00.000Z","end":"fired","#
                + #""instanceId":"dev-00000001"}]}"#
        ),
        (
            "/api/stats/summary?since=0",
            #"{"rows":[{"day":"2027-01-15","agent":"dev","runs":1,"succeeded":1,"failed":0,"medianMs":1500,"#
                + #""p95Ms":1500,"totalTokens":5,"cost":0.25}],"#
                + #""calls":[{"caller":"dev","target":"ops","count":1,"failed":0}]}"#
        ),
        (
            "/api/next?n=1",
            #"{"fires":[{"agent":"dev","expression":"*/5 * * * *","zone":"GMT","#
                + #""slots":["2027-01-15T08:15:00.000Z"],"fireAt":["2027-01-15T08:15:00.000Z"]}]}"#
        ),
        (
            "/api/queue?agent=ops",
            #"{"items":[{"id":"item-c1","agent":"ops","trigger":{"type":"call","callId":"c1","caller":"dev","#
                + #""parent":"dev-00000001"},"state":"waiting","receivedAt":"2027-01-15T08:05:02.000Z","callId":"c1"}]}"#
        ),
        (
            "/api/queue?agent=dev",
            #"{"items":[{"id":"d1-dev","agent":"dev","trigger":{"type":"webhook","source":"github","event":"issues","#
                + #""receiptId":"d1"},"state":"waiting","receivedAt":"2027-01-15T08:06:40.000Z","receiptId":"d1"}]}"#
        ),
        ("/api/queue?state=dropped", #"{"items":[]}"#),
        (
            "/api/why/d1",
            #"{"target":"d1","sentences":[{"text":"Github sent issues at 2027-01-15 08:06:40.","record":"delivery d1"},"#
                + #"{"text":"For dev it waits: no runner was free when it came.","#
                + #""record":"delivery d1"}]}"#
        ),
        (
            "/api/audit?since=0",
            #"{"balanced":true,"slots":{"total":2,"fired":1,"skipped":{"busy":1}},"deliveries":{"total":1,"waiting":1},"#
                + #""runs":{"total":1,"succeeded":1},"calls":{"total":1,"pending":1},"open":[]}"#
        ),
        ("/api/stats/agents/ops/runs", #"{"runs":[],"total":0,"page":1,"limit":50}"#),
        ("/api/runs/dev-00000001/transcript", #"{"entries":[]}"#),
    ]

    @Test("each question has its answer", arguments: answers)
    func documents(path: String, answer: String) async throws {
        try await withHistory { _, gateway in
            let response = try await ask(gateway, .get, path, headers: key)
            #expect(response.status.code == 200)
            #expect(response.text == answer)
        }
    }

    @Test("a run is shown with all that is known of it, under both paths")
    func run() async throws {
        try await withHistory { _, gateway in
            let text = try await ask(gateway, .get, "/api/runs/dev-00000001", headers: key).text
            #expect(
                text == #"{"run":{"instanceId":"dev-00000001","agent":"dev","state":"succeeded","result":"completed","#
                    + #""exitCode":0,"trigger":{"type":"schedule","slot":"2027-01-15T08:05:00.000Z"},"#
                    + #""queuedAt":"2027-01-15T08:05:00.000Z","startedAt":"2027-01-15T08:05:00.000Z","#
                    + #""endedAt":"2027-01-15T08:05:01.500Z","durationMs":1500,"usage":{"inputTokens":5,"#
                    + #""outputTokens":0,"cacheReadTokens":0,"cacheWriteTokens":0,"totalTokens":5,"cost":0.25,"#
                    + #""turnCount":1},"callDepth":0,"rerun":0,"configHash":"hash"}}"#
            )
            let other = "/api/stats/agents/dev/runs/dev-00000001"
            #expect(try await ask(gateway, .get, other, headers: key).text == text)
            let page = try await ask(gateway, .get, "/api/stats/agents/dev/runs?state=succeeded&limit=1", headers: key)
            #expect(page.text.hasPrefix(#"{"runs":[{"instanceId":"dev-00000001""#))
            #expect(page.text.hasSuffix(#""total":1,"page":1,"limit":1}"#))
        }
    }

    @Test(
        "the value of a stored credential is hidden in what a run was told",
        arguments: [
            "/api/runs", "/api/runs/dev-00000009", "/api/why/dev-00000009", "/api/runs/dev-00000009/stream",
        ]
    )
    func masked(path: String) async throws {
        try await withTemporaryStore { store in
            let bench = Bench()
            var told = try StoreSamples.run("dev", 9, at: 500)
            told.trigger = .manual(prompt: "use hunter22")
            try await store.fire(told, at: StoreSamples.at(500))
            _ = try await store.end(told.instance.run, with: RunOutcome(state: .killed), at: StoreSamples.at(501))
            bench.planes.set { $0.history = store.history }
            let text = try await ask(try bench.gateway(), .get, path, headers: key).text
            #expect(text.contains("use [masked]"), "\(text)")
            #expect(!text.contains("hunter22"))
        }
    }

    @Test(
        "what cannot be answered is refused with its reason",
        arguments: [
            ("/api/runs/dev-00000009", 404, "Run dev-00000009 not found"),
            ("/api/runs/x", 404, "Run x not found"),
            ("/api/runs/ops-00000001", 404, "Run ops-00000001 not found"),
            ("/api/stats/agents/ops/runs/dev-00000001", 404, "Run dev-00000001 not found"),
            ("/api/runs/dev-00000009/transcript", 404, "Run dev-00000009 not found"),
            ("/api/runs/dev-00000009/stream", 404, "Run dev-00000009 not found"),
            ("/api/stats/agents/A/runs", 400, "Invalid agent name"),
            ("/api/stats/agents/dev/runs?state=x", 400, "Invalid state"),
            ("/api/stats/summary?agent=..", 400, "Invalid agent name"),
            ("/api/slots?before=x", 400, "Invalid cursor"),
            ("/api/slots?before=9223372036854775807-dev", 400, "Invalid cursor"),
            ("/api/runs?since=NaN", 400, "Invalid since"),
            ("/api/stats/agents/dev/runs?since=soon", 400, "Invalid since"),
            ("/api/stats/summary?since=inf", 400, "Invalid since"),
            ("/api/slots?since=-1e300", 400, "Invalid since"),
            ("/api/queue?since=1e19", 400, "Invalid since"),
            ("/api/audit?since=8640000000000001", 400, "Invalid since"),
            ("/api/webhooks?since=NaN", 400, "Invalid since"),
            ("/api/queue?state=claimed", 400, "Invalid state"),
            ("/api/why/nobody", 404, "nothing is recorded about nobody"),
        ]
    )
    func refusals(path: String, status: Int, error: String) async throws {
        try await withHistory { _, gateway in
            let response = try await ask(gateway, .get, path, headers: key)
            #expect(response.status.code == status)
            #expect(response.text == #"{"error":"\#(error)"}"#)
        }
    }

    @Test("bad numbers count as none, large ones as the limit")
    func numbers() async throws {
        try await withHistory { _, gateway in
            for query in ["page=0&limit=-1", "page=x&limit=y", "page=99999999999999999999"] {
                let response = try await ask(gateway, .get, "/api/stats/agents/dev/runs?\(query)", headers: key)
                #expect(response.text.hasSuffix(#""page":1,"limit":50}"#))
            }
            let far = try await ask(gateway, .get, "/api/stats/agents/dev/runs?page=1000000&limit=1000", headers: key)
            #expect(far.text == #"{"runs":[],"total":1,"page":1000000,"limit":200}"#)
        }
    }

    @Test("a line of a transcript with the last of all numbers is left out, and nothing is behind such a number")
    func lastNumber() async throws {
        try await withHistory { bench, gateway in
            let lines = [Int.max, 3].map { #"{"seq":\#($0)}"# + "\n" }.joined()
            try Data(lines.utf8).write(to: URL(filePath: bench.directory + "/dev-00000001.jsonl"))
            let path = "/api/runs/dev-00000001/transcript"
            #expect(try await ask(gateway, .get, path, headers: key).text == #"{"entries":[{"seq":3}]}"#)
            let behind = try await ask(gateway, .get, "\(path)?from=\(Int.max)", headers: key)
            #expect(behind.text == #"{"entries":[]}"#)
            var resuming = key
            resuming[try #require(HeaderName("Last-Event-ID"))] = "\(Int.max)"
            let stream = try await ask(gateway, .get, "/api/runs/dev-00000001/stream", headers: resuming)
            #expect(stream.text.contains(#"{"seq":3}"#))
        }
    }

    @Test("a transcript is read page by page, from any line on")
    func transcript() async throws {
        try await withHistory { bench, gateway in
            let lines = (0..<5).map { #"{"seq":\#($0),"type":"message"}"# + "\n" }.joined()
            try Data((lines + #"{"seq":5"#).utf8).write(to: URL(filePath: bench.directory + "/dev-00000001.jsonl"))
            let path = "/api/runs/dev-00000001/transcript"
            let first = try await ask(gateway, .get, "\(path)?limit=2", headers: key)
            #expect(first.text == #"{"entries":[{"seq":0,"type":"message"},{"seq":1,"type":"message"}],"next":2}"#)
            let last = try await ask(gateway, .get, "\(path)?from=3&limit=9", headers: key)
            #expect(last.text == #"{"entries":[{"seq":3,"type":"message"},{"seq":4,"type":"message"}]}"#)
        }
    }

    @Test("the stream of a run that is over sends its transcript, then its end")
    func stream() async throws {
        try await withHistory { bench, gateway in
            let lines = (0..<3).map { #"{"seq":\#($0),"type":"message"}"# + "\n" }.joined()
            try Data(lines.utf8).write(to: URL(filePath: bench.directory + "/dev-00000001.jsonl"))
            var headers = key
            headers[try #require(HeaderName("Last-Event-ID"))] = "0"
            let response = try await ask(gateway, .get, "/api/runs/dev-00000001/stream", headers: headers)
            #expect(response.headers[.contentType] == "text/event-stream")
            #expect(response.headers[.cacheControl] == "no-cache, no-transform")
            let expected = """
                : open

                id: 1
                data: {"seq":1,"type":"message"}

                id: 2
                data: {"seq":2,"type":"message"}

                event: end
                data: {"instanceId":"dev-00000001",
                """
            #expect(response.text.hasPrefix(expected))
            // A page that opens the stream anew has no header to say where it was.
            let reopened = try await ask(gateway, .get, "/api/runs/dev-00000001/stream?after=0", headers: key)
            #expect(reopened.text.hasPrefix(expected))
        }
    }

    /// Pages, and what is not there for them.
    private static let pages: [(path: String, status: Int, problem: String?)] = [
        ("agents/dev", 200, nil), ("agents/gone", 200, nil), ("runs/dev-00000001", 200, nil),
        ("agents/gone/logs", 200, nil), ("agents/dev/chat", 200, nil),
        ("agents/nobody/logs", 404, "Agent nobody not found"),
        ("agents/nobody/chat", 404, "Agent nobody not found"),
        ("agents/nobody", 404, "Agent nobody not found"), ("runs/nope", 404, "Run nope not found"),
        ("runs/dev-00000009", 404, "Run dev-00000009 not found"), ("agents/A%3Cb%3E", 400, "Invalid agent name"),
    ]

    @Test("pages about what is not there say so, to browsers as a page", arguments: pages)
    func missingPages(path: String, status: Int, problem: String?) async throws {
        try await withTemporaryStore { store in
            try await Self.happen(store)
            _ = try await store.startDirect(try StoreSamples.run("gone", 2))
            let bench = Bench()
            let dev = AgentConfig(name: try AgentName("dev"), model: ModelConfig(provider: .scripted, model: "s"))
            bench.planes.set { state in
                state.history = store.history
                state.agents = [dev]
            }
            let gateway = try bench.gateway()
            var headers = key
            headers[.accept] = "text/html,*/*"
            let page = try await ask(gateway, .get, "/dashboard/" + path, headers: headers)
            #expect(page.status.code == status)
            #expect(page.headers[.contentType] == "text/html; charset=utf-8")
            let plain = try await ask(gateway, .get, "/dashboard/" + path, headers: key)
            #expect(plain.status.code == status)
            guard let problem else { return }
            #expect(page.text.contains(#"<p class="problem">\#(problem)</p>"#))
            #expect(plain.text == #"{"error":"\#(problem)"}"#)
        }
    }
}
