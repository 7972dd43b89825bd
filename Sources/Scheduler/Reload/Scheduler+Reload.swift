import Domain
import FoundationEssentials
import Logging
import Runtimes
import Storage

extension Scheduler {
    /// Notes which agents' files change, until cancelled.
    func watchAgents() async {
        guard let source = setup.agentSource else { return }
        do {
            try await source.watch.watch { await self.note($0) }
        } catch {
            reportUnwatched(error)
        }
    }

    /// Reads agents again whose files changed, until cancelled.
    func reloadAgents() async {
        guard let source = setup.agentSource else { return }
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let changed = reloadChanges.subscribe()
                for name in reloads.takeDue(at: uptime()) {
                    group.addTask { await self.reload(name, from: source) }
                }
                // Whose files change on and on is not held back for ever.
                wakeDispatcher()
                let pause = reloads.next.map { ($0 - uptime()) / .seconds(1) }
                await sleep(pause ?? Self.longestSleep, orUntil: changed)
            }
        }
    }

    /// Reads the agents whose time has come, and waits until what their files say is in force.
    func reloadDue() async {
        guard let source = setup.agentSource else { return }
        let due = reloads.takeDue(at: uptime())
        await withDiscardingTaskGroup { group in
            for name in due { group.addTask { await self.reload(name, from: source) } }
        }
    }

    /// Whether an agent's files are on the move, so that nothing of it should start: what is away for a moment, as while a
    /// branch is checked out, is back before they are read again, and what is gone for good is removed then.
    func isUnsettled(_ agent: AgentConfig) -> Bool {
        guard let source = setup.agentSource else { return false }
        let name = agent.name.rawValue
        let time = uptime()
        if reloads.noteGlance(of: name, isPresent: source.isPresent(agent), at: time) { reloadChanges.notify() }
        return reloads.isUnsettled(name, at: time)
    }

    /// Waits until an agent's files have come to rest and were read, or somebody ends the run, but not for longer than files
    /// may hold back anything.
    func waitUntilSettled(_ agent: AgentConfig, for run: InstanceID) async throws {
        let end = uptime() + ReloadSchedule.longestHold
        while uptime() < end, isUnsettled(agents[agent.name] ?? agent), live[run]?.stopCause == nil {
            await sleep((end - uptime()) / .seconds(1), orUntil: reloadChanges.subscribe())
            try Task.checkCancellation()
        }
    }

    private func reportUnwatched(_ error: any Error) {
        guard !Task.isCancelled else { return }
        setup.logger.warning("agents are not watched, hot reload is off", metadata: ["error": "\(error)"])
    }

    private func note(_ change: AgentChange) async {
        switch change {
        case .directory(let name):
            reloads.noteChange(of: name, at: uptime())
        case .everything:
            let names = await setup.agentSource?.names() ?? []
            for name in Set(names + agents.keys.map(\.rawValue)) {
                guard await differs(name) else { continue }
                reloads.noteChange(of: name, at: uptime())
            }
        }
        reloadChanges.notify()
    }

    /// Whether an agent's files say something else than what is in force.
    private func differs(_ name: String) async -> Bool {
        guard let reading = await setup.agentSource?.load(name) else { return false }
        // A name that is no agent's name belongs to nobody that could be known.
        let known = (try? AgentName(name)).flatMap { agents[$0] }
        switch reading {
        case .absent: return known != nil
        case .invalid: return true
        case .loaded(let agent, let files, _): return known != agent || (agentFiles[agent.name] ?? files) != files
        }
    }

    /// Keeps why an agent's files are not in force until they are, or are gone; returns it as it is shown.
    @discardableResult
    private func noteProblem(_ kind: String, _ reason: String, of name: String, hasPrevious: Bool) -> String {
        let text = "\(kind): \(reason.prefix(200))"
        reloadProblems[name] = text + (hasPrevious ? " (the previous configuration stays in force)" : "")
        return text
    }

    /// One pass: read, check, build, put in force.
    private func reload(_ name: String, from source: AgentSource) async {
        let reading = await source.load(name)
        if reading != .absent {
            reloads.noteRead(name)
            reloadChanges.notify()
        }
        switch reading {
        // Editors replace files: what is missing after the quiet time is gone.
        case .absent: await removeAgent(name)
        case .invalid(let reason): refuse(name, reason)
        case .loaded(let agent, let files, let warnings):
            // Some changes change nothing, such as a file written again as it was.
            if agents[agent.name] != agent || agentFiles[agent.name] != files || !isReady(agent.name) {
                for warning in warnings {
                    setup.logger.warning(
                        "unusual configuration",
                        metadata: ["agent": "\(name)", "warning": "\(warning)"]
                    )
                }
                agentFiles[agent.name] = await putInForce(agent) ? files : nil
            }
        }
        reloads.finish(name)
        if case .invalid = reading { reloads.lookAgain(at: name, from: uptime()) }
        reloadChanges.notify()
        noteChange()
    }

    /// The previous configuration stays in force, if there is one.
    private func refuse(_ name: String, _ reason: String) {
        // A name that is no agent's name has neither a configuration nor a status that could show the error.
        let known = try? AgentName(name)
        let hasPrevious = known.map { agents[$0] != nil } ?? false
        let before = reloadProblems[name]
        let text = noteProblem("Invalid config", reason, of: name, hasPrevious: hasPrevious)
        // It is read again and again; what has been said stands in the status.
        guard reloadProblems[name] != before else { return }
        setup.logger.error(
            "invalid configuration, \(hasPrevious ? "the previous one stays" : "there is no previous one")",
            metadata: ["agent": "\(name)", "error": "\(reason)"]
        )
        if let known {
            board.change(known) { $0.lastError = text }
            agentFiles[known] = nil
        }
        board.note(name, text, at: setup.now())
    }

    /// Builds and installs; returns whether the agent is in force now.
    private func putInForce(_ agent: AgentConfig) async -> Bool {
        let isNew = agents[agent.name] == nil
        if isNew { register(agent) }
        guard agent.scale > 0 else {
            install(agent, image: nil)
            await announce(agent, isNew)
            return true
        }
        showBuilding(agent.name, isNew ? "Building (new agent)" : "Rebuilding (config changed)")
        do {
            let image = try await build([agent])[agent.name] ?? .failed("the runtime built no image for this agent")
            if case .failed(let reason) = image, isReady(agent.name) { throw ReloadFailure(reason: reason) }
            install(agent, image: image)
            if case .failed(let reason) = image {
                noteProblem("Hot reload error", reason, of: agent.name.rawValue, hasPrevious: false)
            }
            settleImage(of: agent.name)
            await announce(agent, isNew)
            return true
        } catch {
            guard !Task.isCancelled else { return false }
            setup.logger.error("hot reload failed", metadata: ["agent": "\(agent.name)", "error": "\(error)"])
            let text = noteProblem(
                "Hot reload error",
                "\(error)",
                of: agent.name.rawValue,
                hasPrevious: isReady(agent.name)
            )
            showFailedBuild(of: agent.name, text)
            return false
        }
    }

    /// Makes a new agent known, so that what comes for it waits while its image is built.
    private func register(_ agent: AgentConfig) {
        agents[agent.name] = agent
        setScale(of: agent.name, to: agent.scale)
        board.add(agent, scale: pool.scales[agent.name] ?? agent.scale)
        board.change(agent.name) { $0.isEnabled = isEnabled(agent) }
    }

    private func showFailedBuild(of name: AgentName, _ text: String) {
        board.change(name) { status in
            status.statusText = nil
            status.lastError = text
            if status.state == "building" { status.state = isReady(name) ? "idle" : "error" }
        }
    }

    /// From here on new runs use this configuration; running ones keep theirs.
    private func install(_ agent: AgentConfig, image: ImageResult?) {
        agents[agent.name] = agent
        images[agent.name] = image
        reloadProblems[agent.name.rawValue] = nil
        setScale(of: agent.name, to: agent.scale)
        board.change(agent.name) { status in
            status.description = agent.description
            status.isEnabled = isEnabled(agent)
            status.lastError = nil
        }
    }

    private func announce(_ agent: AgentConfig, _ isNew: Bool) async {
        await scheduleChanged(of: agent.name)
        let what = isNew ? "hot-reloaded (new)" : "hot-reloaded"
        board.note(agent.name.rawValue, what, at: setup.now())
        setup.logger.info("\(what)", metadata: ["agent": "\(agent.name)"])
        wakeDispatcher()
    }

    private func removeAgent(_ text: String) async {
        reloadProblems[text] = nil
        guard let name = try? AgentName(text), agents.removeValue(forKey: name) != nil else { return }
        images[name] = nil
        agentFiles[name] = nil
        redactors.forget(name)
        board.remove(name)
        setScale(of: name, to: nil)
        await scheduleChanged(of: name)
        let what = "\(name) removed (hot reload)"
        board.note(text, what, at: setup.now())
        setup.logger.info("\(what)", metadata: ["agent": "\(name)"])
        await attempt("dropping the queue of a removed agent") { try await dropQueue(ofRemoved: name) }
        for instance in live.keys.filter({ $0.agent == name }).sorted() {
            end(instance, because: .killed("agent removed"), grace: .zero)
        }
        for chat in liveChats.values where chat.agent.name == name {
            await endChat(chat.id, because: "agent removed")
        }
    }
}

/// An image could not be built and the previous one stays in use.
private struct ReloadFailure: Error, CustomStringConvertible {
    var reason: String

    var description: String { reason }
}
