/// The name under which people know a run: `<agent>-<run id>`.
///
/// It is the holder of locks and what `al kill` takes.
package struct InstanceID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The agent that runs.
    package let agent: AgentName
    /// The run.
    package let run: RunID

    /// Joins the two parts.
    package init(agent: AgentName, run: RunID) {
        self.agent = agent
        self.run = run
    }

    /// Splits `<agent>-<8 hex>`; `nil` when the text has another form.
    package init?(_ text: String) {
        guard text.utf8.count > 9, let run = RunID(String(text.suffix(8))), text.dropLast(8).last == "-",
            // A name that is no agent's name is simply no instance id.
            let agent = try? AgentName(String(text.dropLast(9)))
        else { return nil }
        self.init(agent: agent, run: run)
    }

    package var rawValue: String { "\(agent)-\(run)" }

    package var description: String { rawValue }

    package static func < (left: InstanceID, right: InstanceID) -> Bool { left.rawValue < right.rawValue }
}
