import Domain
import FoundationEssentials
import Logging
import OrderedCollections
import Runtimes
import Storage

extension Scheduler {
    /// One chat from launch to clean-up.
    func carryChat(_ id: InstanceID) async {
        guard let chat = liveChats[id] else { return }
        var reason = "the agent's container has ended"
        do {
            let handle = try await launch(chat)
            liveChats[id]?.handle = handle
            log(.info, id, "container launched", ["container": .string(handle.rawValue)])
            // It may have been ordered to end before there was anything to end.
            if liveChats[id]?.endReason != nil { jobs.yield(.end(id)) }
            if let error = try await attend(handle, of: chat) { reason += ": \(setup.redact(error).prefix(300))" }
        } catch {
            // The next scheduler finds the container by its label and takes it away.
            guard !Task.isCancelled else { return }
            reason = String("\(error)".prefix(300))
        }
        await clear(chat, because: liveChats[id]?.endReason ?? reason)
    }

    private func launch(_ chat: LiveChat) async throws -> RunHandle {
        let launch = try await makeLaunch(chat)
        do {
            return try await setup.runtime.launch(launch)
        } catch {
            if await clearAway(chat.id.run) == nil { doubtful.insert(chat.id.run) }
            throw error
        }
    }

    private func makeLaunch(_ chat: LiveChat) async throws -> Launch {
        var launch = try await makeLaunch(
            of: chat.agent,
            instance: chat.id,
            trigger: .manual(prompt: nil),
            prompt: "",
            secret: chat.secret
        )
        launch.environment["AL_CHAT_MODE"] = "1"
        launch.environment["AL_CHAT_SESSION"] = chat.id.rawValue
        launch.environment["AL_CHAT_TOKEN"] = chat.token
        return launch
    }

    /// What ended of a chat.
    private enum Part: Sendable { case output, container, watch }

    /// Follows the output and waits for the end side by side, under the eye of whoever ends idle chats.
    ///
    /// - Returns: what the process said was wrong with itself, if anything.
    private func attend(_ handle: RunHandle, of chat: LiveChat) async throws -> String? {
        let clock = setup.clock
        try await withThrowingTaskGroup(of: Part.self) { group in
            group.addTask {
                await self.follow(handle, of: chat)
                return .output
            }
            group.addTask {
                _ = try await self.waitForEnd(of: handle, chat.id)
                return .container
            }
            group.addTask {
                try await self.endWhenIdle(chat.id)
                return .watch
            }
            defer { group.cancelAll() }
            var open: Set<Part> = [.output, .container]
            while !open.isEmpty, let part = try await group.next() {
                open.remove(part)
                guard part == .container else { continue }
                group.addTask {
                    try await clock.sleep(for: Self.drainLimit)
                    return .output
                }
            }
        }
        return chat.output.report.error
    }

    private func follow(_ handle: RunHandle, of chat: LiveChat) async {
        await attempt("following the output of a chat") {
            try await setup.runtime.follow(handle, from: nil) { line in
                guard case .modelReply(let reply) = chat.output.receive(line) else { return }
                await self.count(reply, of: chat)
            }
        }
    }

    /// Counts a model reply towards the agent's day, and ends the chat if that was the last of it.
    private func count(_ reply: ModelReply, of chat: LiveChat) async {
        await attempt("counting a model reply") {
            try await setup.store.spend(reply.cost, by: chat.agent.name, at: reply.at)
            for budget in try await budgets(of: agents[chat.agent.name] ?? chat.agent) where budget.isSpent {
                stopRuns(of: budget)
            }
        }
    }

    private func endWhenIdle(_ id: InstanceID) async throws {
        while let chat = liveChats[id] {
            let left = ChatLimits.idle - (uptime() - chat.activeAt)
            guard left > .zero else {
                return await endChat(id, because: "nothing was said for 15 minutes")
            }
            try await setup.clock.sleep(for: left)
        }
    }

    /// Takes all of them away with everything that belongs to them; they do not outlive their scheduler.
    func clearChats(because reason: String) async {
        await endChats(because: reason)
        for chat in liveChats.values { await clear(chat, because: reason) }
    }

    /// Leaves nothing of a chat behind; done twice, it does nothing the second time.
    private func clear(_ chat: LiveChat, because reason: String) async {
        guard liveChats[chat.id] != nil else { return }
        log(.info, chat.id, "chat closed", ["reason": .string(reason)])
        let handle = liveChats.removeValue(forKey: chat.id)?.handle
        secrets[chat.secret] = nil
        setup.unstageCredentials(chat.id.run)
        if let handle { await discard(handle) }
        await attempt("freeing the locks of a chat") {
            for lock in try await setup.store.locks(of: chat.id, at: setup.now()) {
                _ = try await setup.store.releaseLock(lock.key, holder: chat.id, at: setup.now())
            }
        }
        chatEndings.send(ChatEnd(id: chat.id, reason: reason))
        finishIfDrained()
    }
}
