import Credentials
import Domain
import Foundation
import Gateway
import Project
import Runtimes
import Scheduler
import Storage

extension ProjectContext {
    /// Asks the scheduler's gateway; when none runs and the project is on this machine, the files of the project answer.
    ///
    /// - Parameters:
    ///   - path: of the gateway, with its query.
    ///   - before: the document before the first start; `nil` = there is none.
    ///   - offline: makes the same document from the state file.
    /// - Returns: the document.
    /// - Throws: ``Failure`` when neither can answer, ``GatewayClientError``.
    func ask(
        _ path: String,
        before: JSONValue? = nil,
        offline: (HistoryDocuments) async throws -> JSONValue
    ) async throws -> JSONValue {
        try await ask {
            try await $0.get(path)
        } offline: { error in
            guard let documents = try await historyDocuments() else {
                if let before { return before }
                throw Failure(
                    "Error: no scheduler answers at \(error.baseURL), and there is no history in \(stateFile) yet."
                )
            }
            return try await masked(offline(documents))
        }
    }

    /// A document from the state file in which the values of stored credentials are hidden, as the gateway hides them.
    func masked(_ document: JSONValue) throws -> JSONValue {
        try JSONValue(parsing: StoreRedactor(store: store).redact(document.compactText))
    }

    /// Asks the scheduler's gateway in any way; when none runs and the project is on this machine, its files may answer.
    ///
    /// - Parameters:
    ///   - online: asks the gateway.
    ///   - offline: answers in its place; gets why the gateway did not.
    /// - Returns: the answer of either.
    /// - Throws: what they throw.
    func ask<Answer>(
        _ online: (GatewayClient) async throws -> Answer,
        offline: (GatewayClientError) async throws -> Answer
    ) async throws -> Answer {
        do {
            return try await online(gatewayClient())
        } catch let error as GatewayClientError where error.meansNoScheduler {
            guard try isLocal else { throw error }
            return try await offline(error)
        }
    }

    /// What is paused and disabled, as the state file says; nothing before the first start.
    func storedFlags() async throws -> SchedulerFlags { try await history()?.flags() ?? SchedulerFlags() }

    /// The status as the state file says it while no scheduler runs.
    func recordedStatus() async throws -> JSONValue {
        let facts = try facts(flags: try await storedFlags())
        return try await HistoryDocuments.status(of: facts, in: try history(), now: Date())
    }

    /// The state file, for reading; `nil` before the first start.
    func history() throws -> SQLiteHistory? { try SQLiteHistory.opening(path: stateFile) }

    /// What the project's files say without a scheduler; `nil` before the first start.
    func historyDocuments() async throws -> HistoryDocuments? {
        guard let history = try history() else { return nil }
        return HistoryDocuments(
            history: history,
            facts: try facts(flags: try await history.flags()),
            transcripts: TranscriptReader(directory: directory + "/.al/transcripts"),
            now: Date()
        )
    }

    /// The project as its files describe it.
    func facts(flags: SchedulerFlags) throws -> ProjectFacts {
        let project = try load()
        var facts = ProjectFacts(
            id: SchedulerRoot.projectID(directory).rawValue,
            agents: project.agents,
            config: project.config,
            defaultZone: ProcessZone.current.zone,
            flags: flags,
            phase: .absent
        )
        for name in project.agentDirectories { facts.fileProblems[name] = project.obstacleText(to: name) }
        return facts
    }
}
