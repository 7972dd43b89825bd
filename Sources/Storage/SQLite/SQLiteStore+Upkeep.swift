package import Domain
package import FoundationEssentials
import GRDB

extension SQLiteStore {
    package func flags() async throws -> SchedulerFlags { try await read { try $0.flags() } }

    package func setPaused(since time: Date?) async throws {
        try await write { database in
            try database.setFlag("paused", agent: "", isSet: time != nil)
            guard let time else { return }
            try database.run(
                "UPDATE flags SET since = ? WHERE name = 'paused' AND since IS NULL",
                [time.milliseconds]
            )
        }
    }

    package func setEnabled(_ isEnabled: Bool, agent: AgentName) async throws {
        try await write { try $0.setFlag("disabled", agent: agent.rawValue, isSet: !isEnabled) }
    }
}

extension Database {
    func flags() throws -> SchedulerFlags {
        var flags = SchedulerFlags()
        for row in try rows("SELECT name, agent, since FROM flags") {
            switch row[0] as String {
            case "paused": flags.pausedSince = (row[2] as Int64?).map(Date.init(milliseconds:))
            case "disabled": flags.disabledAgents.insert(try StoredTrigger.agent(row[1], of: "a flag"))
            default: continue
            }
        }
        return flags
    }

    fileprivate func setFlag(_ name: String, agent: String, isSet: Bool) throws {
        let statement =
            isSet
            ? "INSERT OR IGNORE INTO flags (name, agent) VALUES (?, ?)"
            : "DELETE FROM flags WHERE name = ? AND agent = ?"
        try run(statement, [name, agent])
    }
}
