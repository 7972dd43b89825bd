import Domain
import Foundation
import Hummingbird
import HummingbirdTesting
import Scheduler
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Gateway

@Suite("What one run may do with another")
struct IsolationTests {
    @Test("15.4 run A cannot release, heartbeat, list or read anything of run B")
    func isolation() async throws {
        try await withTemporaryStore { store in
            let bench = Bench()
            bench.planes.set { $0.store = store }
            let gateway = try bench.gateway()
            let key = #""resourceKey":"issue 7"}"#
            let taken = try await ask(gateway, .post, "/locks/acquire", #"{"secret":"s1","# + key)
            #expect(taken.status.code == 200)
            let held = #"{"ok":false,"reason":"held by dev-a1b2c3d4"}"#
            for path in ["release", "heartbeat"] {
                let answer = try await ask(gateway, .post, "/locks/\(path)", #"{"secret":"s2","# + key)
                #expect(answer.status.code == 409)
                #expect(answer.text == held)
            }
            #expect(try await ask(gateway, .get, "/locks/list?secret=s2").text == "[]")
            #expect(try await ask(gateway, .get, "/locks/list?secret=s1").text.contains("issue 7"))

            let caller = try #require(dev)
            let order = try StoreSamples.call("c-1", from: caller, to: "ops")
            _ = try await store.createCall(order.call, item: order.item)
            #expect(try await ask(gateway, .get, "/calls/c-1?secret=s1").text == #"{"status":"pending"}"#)
            let foreign = try await ask(gateway, .get, "/calls/c-1?secret=s2")
            #expect(foreign.status.code == 404)
            #expect(foreign.text == #"{"error":"call not found"}"#)
        }
    }

    @Test(
        "15.3 the secret of a run that is over is refused everywhere",
        arguments: [
            ("/locks/acquire", #"{"secret":"s2","resourceKey":"k"}"#),
            ("/locks/release", #"{"secret":"s2","resourceKey":"k"}"#),
            ("/locks/heartbeat", #"{"secret":"s2","resourceKey":"k"}"#),
            ("/calls", #"{"secret":"s2","targetAgent":"ops","context":""}"#),
            ("/signals/status", #"{"secret":"s2","text":"t"}"#), ("/signals/rerun", #"{"secret":"s2"}"#),
            ("/signals/return", #"{"secret":"s2","value":1}"#),
            ("/signals/trigger", #"{"secret":"s2","targetAgent":"ops","context":"c"}"#),
            ("/shutdown", #"{"secret":"s2"}"#), ("/locks/list?secret=s2", nil), ("/calls/c?secret=s2", nil),
            ("/credentials/s2", nil), ("/credentials/s2/model", nil),
        ]
    )
    func overRuns(path: String, body: String?) async throws {
        let bench = Bench()
        let gateway = try bench.gateway()
        let method: HTTPRequest.Method = body == nil ? .get : .post
        #expect(try await ask(gateway, method, path, body).status.code != 403)
        bench.planes.set { state in
            state.ended = ["s2"]
            state.orders = []
        }
        let response = try await ask(gateway, method, path, body)
        #expect(response.status.code == 403)
        #expect(response.text == #"{"error":"invalid secret"}"#)
        #expect(!path.hasPrefix("/credentials") || response.headers[.cacheControl] == "no-store")
        #expect(bench.planes.state.withLock { $0.orders.isEmpty })
    }

    @Test(
        "15.9 names with path tricks lead to no file",
        arguments: [
            "/api/logs/agents/%@", "/api/logs/agents/%@/a1b2c3d4", "/api/logs/agents/dev/%@",
            "/dashboard/agents/%@/logs",
            "/dashboard/api/logs/%@/stream", "/api/runs/%@", "/api/runs/%@/transcript", "/api/runs/%@/stream",
            "/api/stats/agents/%@/runs", "/api/stats/agents/dev/runs/%@", "/api/why/%@", "/dashboard/assets/%@",
            "/calls/%@?secret=s1", "/credentials/%@",
        ],
        ["..%2f..%2fsecret", "..", "%00", "dev%00", "%2e%2e%2fsecret", "..%5csecret", "secret%2flog"]
    )
    func pathTricks(pattern: String, name: String) async throws {
        let bench = Bench()
        let logs = bench.directory + "/logs"
        try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: bench.directory) }
        for file in ["secret", "secret.jsonl", "secret-2026-01-01.log"] {
            try Data(#"{"msg":"TREASURE","seq":0}"#.utf8).write(to: URL(filePath: "\(bench.directory)/\(file)"))
        }
        var inner = bench
        inner.directory = logs
        let path = pattern.replacing("%@", with: name)
        let response = try await ask(try inner.gateway(), .get, path, headers: [.authorization: "Bearer key"])
        #expect([400, 403, 404].contains(response.status.code), "\(path): \(response.status)")
        #expect(!response.text.contains("TREASURE"))
    }
}
