#if os(Linux)
    import FoundationEssentials

    /// Sees changes of agents' files with inotify, which knows single directories only: each one below an agent is watched,
    /// new ones as they appear.
    package struct InotifyWatch: AgentWatch {
        /// How often the kernel's queue is looked at.
        ///
        /// Changes rest for half a second anyway, and a thread that waits in a system call would cost more than five looks a
        /// second.
        private static let interval = Duration.milliseconds(200)

        private let project: String
        private let clock: any Clock<Duration>

        /// Prepares to watch the agents of a project, those under `agents/` and those of the older layout in its root.
        ///
        /// - Parameters:
        ///   - project: absolute path.
        ///   - clock: measures the time between looks.
        package init(project: String, clock: any Clock<Duration>) {
            self.project = project
            self.clock = clock
        }

        package func watch(onChange: @Sendable (AgentChange) async -> Void) async throws {
            let tree = try WatchedTree(project: project)
            while !Task.isCancelled {
                try await clock.sleep(for: Self.interval)
                for change in tree.changes() { await onChange(change) }
            }
        }
    }
#endif
