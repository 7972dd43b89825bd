import Foundation
import Gateway
import Runtimes
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
        let names = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<8 { group.addTask { try RunOwner.name(of: "/p", home: home) } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(names.count == 1 && names.allSatisfy { $0.count == 12 })
        #expect(try FileManager.default.contentsOfDirectory(atPath: home) == ["owner"])
        let mode = try FileManager.default.attributesOfItem(atPath: home + "/owner")[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try names.contains(RunOwner.name(of: "/p", home: home)))
        #expect(try !names.contains(RunOwner.name(of: "/q", home: home)))
        #expect(try !names.contains(RunOwner.name(of: "/p", home: directory.path + "/other")))
        // What stands there and is no name is everybody's.
        try Data().write(to: directory.appending(path: "home/owner"))
        #expect(throws: Failure.self) { try RunOwner.name(of: "/p", home: home) }
    }

    @Test("a gateway to which there is no way is not taken for one that has ended")
    func noWay() async {
        await #expect(throws: GatewayClientError.self) {
            _ = try await GatewayClient(baseURL: "nowhere://h", key: nil).isUp()
        }
    }
}
