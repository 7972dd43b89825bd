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

    @Test("a project keeps the name by which its runs are told from those of others")
    func owner() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "al-owner-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        try RuntimeRoot.nameOwner(of: directory.path)
        let name = try String(contentsOf: directory.appending(path: ".al/owner"), encoding: .utf8)
        #expect(name.count == 12)
        try RuntimeRoot.nameOwner(of: directory.path)
        #expect(try String(contentsOf: directory.appending(path: ".al/owner"), encoding: .utf8) == name)
    }
}
