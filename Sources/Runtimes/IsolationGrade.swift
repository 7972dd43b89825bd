package import Domain

/// How well the runs of an agent are kept apart from the machine and from secrets.
package struct IsolationGrade: Hashable, Sendable {
    /// From the best to none at all.
    package enum Letter: String, CaseIterable, Hashable, Sendable {
        case a = "A"
        case b = "B"
        case c = "C"
        case d = "D"
    }

    package let letter: Letter
    /// Why it is not better, for people.
    package let reason: String

    /// Judges an agent on a runtime.
    ///
    /// - Parameters:
    ///   - agent: its network list and its credentials count.
    ///   - runtime: where its runs execute.
    ///   - controlsEgress: whether the runtime enforces the agent's `[network] allow`.
    package init(of agent: AgentConfig, on runtime: RuntimeKind, controlsEgress: Bool) {
        let place = runtime == .sandbox ? "sandbox" : "container"
        switch (runtime, controlsEgress && agent.network != nil) {
        case (.host, _):
            letter = .d
            reason = "runs act as you, with your files and your network"
        case (.docker, false), (.sshDocker, false), (.sandbox, false):
            letter = .c
            reason = "\(place) with an open network"
        case (.docker, true), (.sshDocker, true), (.sandbox, true):
            let secrets = agent.credentials.filter { !$0.isBrokered }.map(\.description)
            letter = secrets.isEmpty ? .a : .b
            reason =
                secrets.isEmpty
                ? "\(place), network controlled, no secret inside"
                : "\(place), network controlled, but inside are \(secrets.joined(separator: ", "))"
        }
    }
}
