/// Spreads the fires of a project's schedules, so that agents with one expression do not all start in the same second.
package enum ScheduleJitter {
    /// Seconds by which an agent fires after the due times of its slots; always the same for one agent of one project.
    ///
    /// - Parameters:
    ///   - project: the project's id.
    ///   - agent: the agent.
    ///   - width: the agent's `jitter`; with 0 or less nothing is spread.
    /// - Returns: 0 up to, but not including, `width`.
    package static func seconds(project: String, agent: AgentName, within width: Int) -> Int {
        guard width > 0 else { return 0 }
        // FNV-1a: the standard library's hashes differ from process to process.
        let hash = "\(project)/\(agent)".utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        return Int(hash % UInt64(width))
    }
}
