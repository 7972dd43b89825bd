import Domain
import Foundation
import OrderedCollections
import Runtimes
import Storage
import TestSupport
import Testing

@testable import Scheduler

@Suite("Chats with agents", .timeLimit(.minutes(5)))
struct ChatTests {
    /// A line in which a chat's process tells what a reply cost.
    private func reply(_ cost: Double) -> String {
        JSONValue.object([
            "_log": true, "level": "debug", "msg": "turn-usage", "ts": 1, "turn": 1, "model": "m",
            "cost": .double(cost),
        ]).compactText
    }

    /// The end of a chat, once it is told.
    private func end(_ ends: AsyncStream<ChatEnd>) async throws -> ChatEnd {
        for await end in ends { return end }
        throw CancellationError()
    }

    @Test("a chat is a container with the agent's credentials and a token of its own, and no run")
    func launch() async throws {
        try await withScheduler { bench, scheduler in
            let opening = try await scheduler.openChat(with: "dev")
            #expect(opening.isNew)
            #expect(opening.id.rawValue.hasPrefix("dev-chat-"))
            #expect(try await bench.launched(1) == opening.id)
            let launch = try #require(await bench.runtime.launches.first)
            #expect(launch.agent.name.rawValue == "dev")
            #expect(launch.environment["AL_CHAT_MODE"] == "1")
            #expect(launch.environment["AL_CHAT_SESSION"] == opening.id.rawValue)
            let token = try #require(launch.environment["AL_CHAT_TOKEN"])
            #expect(token != launch.secret)
            #expect(await scheduler.isChat(opening.id, knownBy: token))
            #expect(await !scheduler.isChat(opening.id, knownBy: launch.secret))
            #expect(await scheduler.run(withSecret: launch.secret) == opening.id)
            #expect(try await scheduler.openChat(with: "dev") == ChatOpening(id: opening.id, isNew: false))
            #expect(try await bench.store.openRuns().isEmpty)
            #expect(try await scheduler.status().agents.first?.runningCount == 0)
            #expect(try await scheduler.trigger("dev", prompt: nil).instance != nil)
        }
    }

    @Test("the sixth chat is refused, and an agent that is not there, is disabled or has no image has none")
    func refusals() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let broken = try agent("broken")
            await bench.runtime.setImages([broken.name: .failed("no")])
            let names = (1...6).map { "a\($0)" }
            let scheduler = bench.scheduler(
                try names.map { try agent($0) } + [broken, try agent("off") { $0.scale = 0 }]
            )
            try await bench.running(scheduler) {
                for name in names.prefix(5) { _ = try await scheduler.openChat(with: name) }
                func code(_ name: String) async -> RefusalError.Code? {
                    do {
                        _ = try await scheduler.openChat(with: name)
                        return nil
                    } catch { return (error as? RefusalError)?.code }
                }
                #expect(await code("a6") == .tooMany)
                #expect(await code("a5") == nil)
                #expect(await code("x") == .notFound)
                #expect(await code("off") == .conflict)
                #expect(await code("broken") == .conflict)
                #expect(await scheduler.chats().map(\.agent.rawValue) == Array(names.prefix(5)))
                let first = try #require(await scheduler.chats().first?.id)
                let ends = await scheduler.chatEnds()
                try await scheduler.closeChat(first, because: "it was closed")
                _ = try await end(ends)
                #expect(await code("a6") == nil)
            }
        }
    }

    @Test("a chat whose launch fails is over at once, also while the runtime cannot say what it left")
    func launchFails() async throws {
        try await withScheduler { bench, scheduler in
            await bench.runtime.loseNextAnswer()
            await bench.runtime.setSilence(RuntimeError(code: .unavailable, message: "away", isTransient: true))
            let ends = await scheduler.chatEnds()
            let id = try await scheduler.openChat(with: "dev").id
            #expect(try await end(ends).id == id)
            #expect(await bench.runtime.alive == [id])
            await bench.runtime.setSilence(nil)
            try await bench.advance(until: "taken away") { await bench.runtime.remaining == 0 }
        }
    }

    @Test("a chat in which nothing is said ends after fifteen minutes, and what is said begins them anew")
    func idle() async throws {
        try await withScheduler { bench, scheduler in
            let id = try await scheduler.openChat(with: "dev").id
            let ends = await scheduler.chatEnds()
            _ = try await bench.launched(1)
            await bench.pass(14 * 60, by: 20)
            await scheduler.noteChatActivity(id)
            await bench.pass(14 * 60, by: 20)
            #expect(await scheduler.chats().count == 1)
            await bench.pass(2 * 60, by: 20)
            #expect(try await end(ends) == ChatEnd(id: id, reason: "nothing was said for 15 minutes"))
            #expect(await bench.runtime.kills.map(\.instance) == [id])
            #expect(await bench.runtime.remaining == 0)
        }
    }

    @Test("a chat holds locks under its own name, over every sweep, until it ends")
    func locks() async throws {
        try await withScheduler { bench, scheduler in
            let id = try await scheduler.openChat(with: "dev").id
            let ends = await scheduler.chatEnds()
            _ = try await bench.launched(1)
            #expect(try await scheduler.acquireLock("k", ttl: 600, by: id).isGranted)
            await bench.pass(70)
            #expect(try await scheduler.locks().map(\.holder) == [id])
            let entry: JSONValue = [
                "_log": true, "level": "error", "msg": "container entry error", "error": "no key",
            ]
            await bench.runtime.print(entry.compactText, by: id)
            await bench.runtime.finish(id)
            #expect(try await end(ends).reason == "the agent's container has ended: no key")
            #expect(try await scheduler.locks().isEmpty)
            let secret = try #require(await bench.runtime.launches.first?.secret)
            #expect(await scheduler.run(withSecret: secret) == nil)
        }
    }

    @Test("a chat gets the model's keys once, calls nobody, and can be killed by its name or by itself")
    func runsPlane() async throws {
        try await withScheduler(of: [try agent("dev"), try agent("ops")]) { bench, scheduler in
            let id = try await scheduler.openChat(with: "dev").id
            let other = try await scheduler.openChat(with: "ops").id
            let ends = await scheduler.chatEnds()
            _ = try await bench.launched(2)
            #expect(try await scheduler.modelCredentials(of: id) != nil)
            #expect(try await scheduler.modelCredentials(of: id) == nil)
            await #expect(throws: RefusalError.self) { try await scheduler.call("ops", context: "", by: id) }
            try await scheduler.requestRerun(by: id)
            try await scheduler.setReturnValue("v", isBeginning: false, of: id)
            await scheduler.setStatus("s", of: id)
            try await bench.until("up") { await bench.runtime.alive.count == 2 }
            _ = try await scheduler.shutDown(id, reason: "leak")
            try await scheduler.kill(instance: other.rawValue)
            let reasons = [try await end(ends).reason, try await end(ends).reason]
            #expect(Set(reasons) == ["shutdown requested: leak", "killed"])
        }
    }

    @Test("what a chat costs is spent of its agent's day, and ends it when nothing is left")
    func budget() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dev = try agent("dev") { $0.limits.maxCostPerDay = 1 }
            let scheduler = bench.scheduler([dev])
            try await bench.running(scheduler) {
                let id = try await scheduler.openChat(with: "dev").id
                let ends = await scheduler.chatEnds()
                _ = try await bench.launched(1)
                await bench.runtime.print(reply(0.4), by: id)
                try await bench.until("counted") {
                    try await store.spent(by: dev.name, from: .distantPast, to: .distantFuture) == 0.4
                }
                #expect(await scheduler.chats().count == 1)
                await bench.runtime.print(reply(0.7), by: id)
                #expect(try await end(ends).reason == "daily budget of agent \"dev\" is spent")
                await #expect(throws: RefusalError.self) { try await scheduler.openChat(with: "dev") }
            }
        }
    }

    @Test("a launch that fails ends the chat and says why")
    func failedLaunch() async throws {
        try await withScheduler { bench, scheduler in
            await bench.runtime.failNextLaunches([RuntimeError(code: .launchFailed, message: "no such image")])
            let ends = await scheduler.chatEnds()
            let id = try await scheduler.openChat(with: "dev").id
            #expect(try await end(ends) == ChatEnd(id: id, reason: "no such image"))
            #expect(await scheduler.chats().isEmpty)
        }
    }

    @Test("a launch whose answer is lost leaves no container")
    func lostAnswer() async throws {
        try await withScheduler { bench, scheduler in
            await bench.runtime.loseNextAnswer()
            let ends = await scheduler.chatEnds()
            _ = try await scheduler.openChat(with: "dev")
            #expect(try await end(ends).reason == "no answer")
            #expect(await bench.runtime.launches.count == 1)
            #expect(await bench.runtime.remaining == 0)
        }
    }

    @Test("a chat whose end the runtime does not take is ended later")
    func endRepeated() async throws {
        try await withScheduler { bench, scheduler in
            let id = try await scheduler.openChat(with: "dev").id
            _ = try await bench.launched(1)
            await bench.runtime.refuse([.kill])
            try await scheduler.closeChat(id, because: "closed")
            await bench.pass(3)
            #expect(await bench.runtime.alive == [id])
            await bench.runtime.refuse([])
            try await bench.advance(until: "ended") { await scheduler.chats().isEmpty }
            #expect(await bench.runtime.remaining == 0)
        }
    }

    @Test("a scheduler that stops ends its chats at once while it waits for its runs")
    func stop() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let scheduler = bench.scheduler([try agent("dev")])
            try await bench.runningToItsEnd(scheduler) {
                let run = try #require(try await scheduler.trigger("dev", prompt: nil).instance)
                let chat = try await scheduler.openChat(with: "dev").id
                _ = try await bench.launched(2)
                _ = try await scheduler.stop(StopOrder())
                await #expect(throws: RefusalError(code: .stopping, reason: "scheduler is stopping")) {
                    try await scheduler.openChat(with: "dev")
                }
                try await bench.advance(until: "chat ended") { await scheduler.chats().isEmpty }
                #expect(await bench.runtime.kills.map(\.instance) == [chat])
                #expect(await bench.runtime.alive == [run])
                await bench.runtime.finish(run)
                try await bench.advance(until: "stopped") { await bench.runtime.remaining == 0 }
                bench.time.advance(by: .seconds(1))
            }
        }
    }

    @Test("what a scheduler that died left of a chat is taken away by the next one")
    func crash() async throws {
        try await withTemporaryStore { store in
            let bench = Bench(store)
            let dying = bench.scheduler([try agent("dev")])
            try await bench.running(dying) {
                _ = try await dying.openChat(with: "dev")
                _ = try await bench.launched(1)
            }
            #expect(await bench.runtime.alive.count == 1)
            let next = bench.scheduler([try agent("dev")])
            try await bench.running(next) {
                #expect(await bench.runtime.remaining == 0)
                #expect(await next.chats().isEmpty)
            }
        }
    }

    @Test("a scheduler that hands over takes its chats with it")
    func handOver() async throws {
        try await withScheduler { bench, scheduler in
            let id = try await scheduler.openChat(with: "dev").id
            _ = try await bench.launched(1)
            await scheduler.handOver()
            #expect(await bench.runtime.kills.map(\.instance) == [id])
            #expect(await bench.runtime.remaining == 0)
            #expect(await scheduler.chats().isEmpty)
        }
    }
}

extension LockAnswer {
    fileprivate var isGranted: Bool { if case .ok = self { true } else { false } }
}
