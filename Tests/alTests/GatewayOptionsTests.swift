import Foundation
import Gateway
import Runtimes
import Subprocess
import Testing

@testable import al

@Suite("Where the gateway listens") struct GatewayOptionsTests {
    @Test("runs in containers have a door of their own, exposed or not", arguments: [true, false])
    func agentDoor(isExposed: Bool) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "al-doors-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try Data().write(to: directory.appending(path: "config.toml"))
        let context = try ProjectContext(directory: directory.path, home: directory.path + "/home", environment: nil)
        var options = SchedulerOptions(project: directory.path, home: context.home)
        options.isExposed = isExposed
        let route = GatewayRoute(listenAddress: "172.18.0.1", host: "gateway", comesWithRuns: true)
        let gateway = SchedulerRoot.gatewayOptions(options, context, try context.load(), route, nil)
        #expect(gateway.isExposed == isExposed)
        #expect(gateway.agentAddress == "172.18.0.1")
        #expect(gateway.agentAddressComesWithRuns)
        #expect(gateway.agentPortFile == directory.path + "/.al/agent-port")
    }

    @Test("a user's project keeps the name by which its runs are told from those of others, also without its state")
    func owner() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "al-owner-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let home = directory.path + "/home"
        let project = directory.path + "/p"
        #expect(RunOwner.known(of: project, home: home) == nil)
        #expect(!FileManager.default.fileExists(atPath: directory.path))
        let names = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<8 { group.addTask { try RunOwner.name(of: project, home: home) } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(names.count == 1 && names.allSatisfy { $0.count == 12 })
        for place in [home, project + "/.al"] {
            #expect(try FileManager.default.contentsOfDirectory(atPath: place) == ["owner"])
            let mode = try FileManager.default.attributesOfItem(atPath: place + "/owner")[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
        try FileManager.default.removeItem(atPath: project + "/.al")
        #expect(RunOwner.known(of: project, home: home) == names.first)
        #expect(!FileManager.default.fileExists(atPath: project + "/.al"))
        #expect(try names.contains(RunOwner.name(of: project, home: home)))
        #expect(try !names.contains(RunOwner.name(of: directory.path + "/q", home: home)))
        #expect(try !names.contains(RunOwner.name(of: directory.path + "/r", home: directory.path + "/other")))
        // What stands there and is no name is everybody's.
        try Data().write(to: directory.appending(path: "home/owner"))
        #expect(throws: Failure.self) { try RunOwner.name(of: directory.path + "/s", home: home) }
    }

    @Test("a project keeps its name whoever starts it, wherever it is moved, and through a link")
    func ownerStays() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "al-owner-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let project = directory.path + "/p"
        let home = directory.path + "/home"
        let name = try RunOwner.name(of: project, home: home)
        #expect(try RunOwner.name(of: project, home: directory.path + "/other") == name)
        #expect(RunOwner.known(of: project, home: directory.path + "/other") == name)
        let link = directory.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: project)
        try FileManager.default.removeItem(atPath: project + "/.al")
        #expect(try RunOwner.name(of: link, home: home) == name)
        try FileManager.default.moveItem(atPath: project, toPath: directory.path + "/moved")
        #expect(try RunOwner.name(of: directory.path + "/moved", home: home) == name)
    }

    @Test("the doctor gives no name to what has started no runs")
    func doctorWritesNothing() async throws {
        try await AlProcess.withDirectory { al in
            try al.write("config.toml", "[local]\nruntime = \"docker\"\n")
            try al.write("agents/dev/agent-config.toml", "credentials = []\nmanual = true\n")
            try al.write("agents/dev/ACTIONS.md", "x")
            try await FakeScheduler.serving({ _ in (200, #"{}"#) }) { port, engine in
                let result = try await al.run(
                    ["doctor", "--check-only"],
                    adding: ["DOCKER_HOST": "tcp://127.0.0.1:\(port)"]
                )
                // It was taken for an engine, and asked for its image.
                #expect(engine.requests.contains { $0.target.contains("/images/") }, "\(result)")
            }
            #expect(!FileManager.default.fileExists(atPath: al.home + "/owner"))
            #expect(!FileManager.default.fileExists(atPath: al.directory + "/.al/owner"))
        }
    }

    @Test("an engine that works but cannot prepare for runs ends the start with its reason")
    func noPreparation() async throws {
        try await AlProcess.withDirectory { al in
            try al.write(
                "config.toml",
                "[local]\nruntime = \"docker\"\n[models.s]\nprovider = \"scripted\"\nmodel = \"s.yaml\"\n"
            )
            try al.write("agents/dev/agent-config.toml", "models = [\"s\"]\ncredentials = []\nmanual = true\n")
            try al.write("agents/dev/ACTIONS.md", "x")
            try al.write("agents/dev/s.yaml", "turns: [ { text: x } ]\n")
            try await FakeScheduler.serving({ _ in (200, "{}") }) { port, _ in
                let result = try await al.run(["start"], adding: ["DOCKER_HOST": "tcp://127.0.0.1:\(port)"])
                #expect(result.code == 1 && result.error.contains("engine"), "\(result)")
            }
            // The name of what it would have started is with the project's state.
            #expect(FileManager.default.fileExists(atPath: al.directory + "/.al/owner"))
        }
    }

    @Test("a gateway to which there is no way is not taken for one that has ended")
    func noWay() async {
        await #expect(throws: GatewayClientError.self) {
            _ = try await GatewayClient(baseURL: "nowhere://h", key: nil).isUp()
        }
    }
}
