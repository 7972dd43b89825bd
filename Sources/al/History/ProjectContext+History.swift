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
    ///   - offline: makes the same document from the state file.
    /// - Returns: the document.
    /// - Throws: ``Failure`` when neither can answer, ``GatewayClientError``.
    func ask(_ path: String, offline: (HistoryDocuments) async throws -> JSONValue) async throws -> JSONValue {
        let client = try gatewayClient()
        do {
            return try await client.get(path)
        } catch let error as GatewayClientError where error.code == .notRunning && isLocal {
            guard let documents = try await historyDocuments() else {
                throw Failure(
                    "Error: no scheduler answers at \(client.baseURL), and there is no history in \(stateFile) yet."
                )
            }
            return try await offline(documents)
        }
    }

    /// What the project's files say without a scheduler; `nil` before the first start.
    private func historyDocuments() async throws -> HistoryDocuments? {
        guard let history = try SQLiteHistory.opening(path: stateFile) else { return nil }
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
        return ProjectFacts(
            id: SchedulerRoot.projectID(directory).rawValue,
            agents: project.agents,
            config: project.config,
            defaultZone: .current,
            flags: flags,
            phase: .absent
        )
    }
}
