#if os(Linux)
    import Foundation
    import Glibc
    import TestSupport
    import Testing

    @testable import Scheduler

    @Suite("Watching files with inotify")
    struct InotifyWatchTests {
        /// A project in which each step's changes are looked at.
        private final class Files {
            let path: String
            let tree: WatchedTree

            init(_ path: String) throws {
                self.path = path
                for agent in ["dev", "ops"] { try Self.makeAgent("\(path)/agents/\(agent)") }
                try Self.makeAgent("\(path)/older")
                try FileManager.default.createDirectory(atPath: "\(path)/docs", withIntermediateDirectories: true)
                tree = try WatchedTree(project: path)
            }

            static func makeAgent(_ path: String) throws {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
                try Data("schedule = \"\"".utf8).write(to: URL(filePath: path + "/agent-config.toml"))
            }

            func write(_ file: String, _ text: String = "x") throws {
                try Data(text.utf8).write(to: URL(filePath: "\(path)/\(file)"))
            }

            func changes() -> [AgentChange] { tree.changes() }
        }

        private func withFiles(_ body: (Files) throws -> Void) async throws {
            try await withTemporaryDirectory { try body(try Files($0)) }
        }

        @Test("a file that is written, replaced or deleted changes its agent only")
        func files() async throws {
            try await withFiles { files in
                #expect(files.changes().isEmpty)
                try files.write("agents/dev/ACTIONS.md")
                #expect(files.changes() == [.directory("dev")])
                let temporary = "\(files.path)/agents/dev/.new"
                try Data("y".utf8).write(to: URL(filePath: temporary))
                #expect(files.changes().isEmpty)
                // What editors do, and what Foundation has no call for.
                #expect(rename(temporary, "\(files.path)/agents/dev/ACTIONS.md") == 0)
                #expect(files.changes() == [.directory("dev")])
                try FileManager.default.removeItem(atPath: "\(files.path)/agents/dev/ACTIONS.md")
                #expect(files.changes() == [.directory("dev")])
            }
        }

        @Test("directories below an agent are watched, also those that come later")
        func nested() async throws {
            try await withFiles { files in
                let deep = "\(files.path)/agents/ops/skills/one"
                try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
                #expect(files.changes() == [.directory("ops")])
                try files.write("agents/ops/skills/one/SKILL.md")
                #expect(files.changes() == [.directory("ops")])
            }
        }

        @Test("agents that come, go and are renamed are told by name")
        func directories() async throws {
            try await withFiles { files in
                try Files.makeAgent("\(files.path)/agents/new")
                #expect(files.changes() == [.directory("new")])
                try files.write("agents/new/ACTIONS.md")
                #expect(files.changes() == [.directory("new")])
                try FileManager.default.moveItem(
                    atPath: "\(files.path)/agents/new",
                    toPath: "\(files.path)/agents/newer"
                )
                #expect(Set(files.changes()) == [.directory("new"), .directory("newer")])
                try files.write("agents/newer/ACTIONS.md")
                #expect(files.changes() == [.directory("newer")])
                try FileManager.default.removeItem(atPath: "\(files.path)/agents/newer")
                #expect(files.changes().contains(.directory("newer")))
            }
        }

        @Test(
            "what editors leave beside a file is no change",
            arguments: [".ACTIONS.md.swp", "ACTIONS.md~", "x.tmp", "a.swp", ".hidden"]
        )
        func ignored(name: String) async throws {
            try await withFiles { files in
                try files.write("agents/dev/\(name)")
                #expect(files.changes().isEmpty)
            }
        }

        @Test("in the project's root only agents of the older layout count")
        func root() async throws {
            try await withFiles { files in
                try files.write("config.toml")
                try files.write("docs/notes.md")
                try FileManager.default.createDirectory(atPath: files.path + "/.al", withIntermediateDirectories: true)
                #expect(files.changes().isEmpty)
                try files.write("older/ACTIONS.md")
                #expect(files.changes() == [.directory("older")])
            }
        }

        @Test("an agents directory that comes later is watched, with what is in it")
        func lateAgents() async throws {
            try await withTemporaryDirectory { path in
                let tree = try WatchedTree(project: path)
                try Files.makeAgent("\(path)/agents/dev")
                #expect(tree.changes() == [.directory("dev")])
                try Data("x".utf8).write(to: URL(filePath: "\(path)/agents/dev/ACTIONS.md"))
                #expect(tree.changes() == [.directory("dev")])
            }
        }

        @Test("an agent that is a link is watched where it points to")
        func links() async throws {
            try await withTemporaryDirectory { path in
                try Files.makeAgent("\(path)/elsewhere/dev")
                try FileManager.default.createDirectory(atPath: "\(path)/agents", withIntermediateDirectories: true)
                try FileManager.default.createSymbolicLink(
                    atPath: "\(path)/agents/dev",
                    withDestinationPath: "\(path)/elsewhere/dev"
                )
                let tree = try WatchedTree(project: path)
                try Data("x".utf8).write(to: URL(filePath: "\(path)/elsewhere/dev/ACTIONS.md"))
                #expect(tree.changes() == [.directory("dev")])
            }
        }

        @Test("the watch tells changes as time passes, and ends when it is cancelled")
        func service() async throws {
            try await withTemporaryDirectory { path in
                try Files.makeAgent("\(path)/agents/dev")
                let time = VirtualTime()
                let watch = InotifyWatch(project: path, clock: time)
                try await confirmation { told in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        let (heard, tell) = AsyncStream.makeStream(of: AgentChange.self)
                        group.addTask { try await watch.watch { tell.yield($0) } }
                        while time.sleepers == 0 { await Task.yield() }
                        try Data("x".utf8).write(to: URL(filePath: "\(path)/agents/dev/ACTIONS.md"))
                        time.advance(by: .milliseconds(200))
                        for await change in heard {
                            #expect(change == .directory("dev"))
                            told()
                            break
                        }
                        group.cancelAll()
                        while await group.nextResult() != nil {}
                    }
                }
            }
        }
    }
#endif
