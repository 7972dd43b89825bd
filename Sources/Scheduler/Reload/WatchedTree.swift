#if os(Linux)
    import FoundationEssentials

    /// The directories of a project's agents and the watches on them.
    final class WatchedTree {
        /// What a watched directory is.
        private enum Place: Hashable {
            /// The project or its `agents`: what is in it may be agents.
            case parent(String)
            /// An agent's directory or one below it.
            case agent(String, path: String)
        }

        private static let ignoredInRoot: Set<String> = ["agents", "shared", "node_modules"]

        private let project: String
        private let queue: InotifyQueue
        private var places: [Int32: Place] = [:]

        /// Watches everything there is.
        ///
        /// - Throws: ``WatchError``.
        init(project: String) throws(WatchError) {
            self.project = project
            queue = try InotifyQueue()
            try watchParent(project)
            try watchParent("\(project)/agents")
        }

        /// What changed since the last call; each agent once, by name.
        func changes() -> [AgentChange] {
            var names = Set<String>()
            for event in queue.read() {
                if event.isOverflow { return startAgain() }
                guard let place = places[event.watch] else { continue }
                if event.isEnded { places[event.watch] = nil }
                names.formUnion(changedAgents(event, in: place))
            }
            return names.sorted().map(AgentChange.directory)
        }

        private func changedAgents(_ event: InotifyQueue.Event, in place: Place) -> [String] {
            switch place {
            case .agent(let name, let path):
                guard !Self.isIgnored(event.name) else { return [] }
                if !event.name.isEmpty { watchLater("\(path)/\(event.name)", of: name) }
                return [name]
            case .parent(let path):
                guard !event.name.isEmpty, !event.name.hasPrefix(".") else { return [] }
                if path == project, event.name == "agents" {
                    // Came late, or was replaced as a whole.
                    try? watchParent("\(project)/agents")
                    return Self.entries(of: "\(project)/agents")
                }
                guard mayBeAgent(event.name, in: path) else { return [] }
                watchLater("\(path)/\(event.name)", of: event.name)
                return [event.name]
            }
        }

        /// A directory that vanished again, or cannot be watched, is no reason to stop: a change in it shows in its parent or
        /// with the next look at everything.
        private func watchLater(_ path: String, of agent: String) { try? watchAgent(agent, path) }

        private func startAgain() -> [AgentChange] {
            for watch in places.keys { queue.remove(watch) }
            places = [:]
            try? watchParent(project)
            try? watchParent("\(project)/agents")
            return [.everything]
        }

        private func watchParent(_ path: String) throws(WatchError) {
            guard Self.isDirectory(path) else { return }
            places[try queue.add(path)] = .parent(path)
            for name in Self.entries(of: path) where mayBeAgent(name, in: path) {
                try watchAgent(name, "\(path)/\(name)")
            }
        }

        private func watchAgent(_ agent: String, _ path: String) throws(WatchError) {
            guard Self.isDirectory(path) else { return }
            places[try queue.add(path)] = .agent(agent, path: path)
            for name in Self.entries(of: path) where !Self.isLink("\(path)/\(name)") {
                try watchAgent(agent, "\(path)/\(name)")
            }
        }

        /// In `agents` every directory; in the root only one that holds an agent, and what was one a moment ago.
        private func mayBeAgent(_ name: String, in parent: String) -> Bool {
            guard !Self.isIgnored(name), name != "node_modules" else { return false }
            guard parent == project else { return true }
            guard !Self.ignoredInRoot.contains(name) else { return false }
            let path = "\(project)/\(name)"
            let isKnown = places.values.contains(.agent(name, path: path))
            return isKnown || FileManager.default.fileExists(atPath: "\(path)/agent-config.toml")
        }

        /// Files that editors write beside the one that is edited.
        static func isIgnored(_ name: String) -> Bool {
            name.hasPrefix(".") || ["~", ".swp", ".tmp"].contains { name.hasSuffix($0) }
        }

        private static func entries(of path: String) -> [String] {
            // What vanished meanwhile holds nothing.
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            return names.filter { !isIgnored($0) }
        }

        private static func isDirectory(_ path: String) -> Bool {
            var isDirectory = false
            return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
        }

        private static func isLink(_ path: String) -> Bool {
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return attributes?[.type] as? FileAttributeType == .typeSymbolicLink
        }
    }
#endif
