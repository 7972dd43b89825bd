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
    }
}
