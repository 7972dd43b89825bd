import Foundation
import Testing

@testable import Egress

@Suite struct EgressDirectoryTests {
    @Test("Only the inner directory is open to other users, and a socket left behind is taken away")
    func create() throws {
        let state = NSTemporaryDirectory() + "ed-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: state) }
        let directory = EgressDirectory(stateDirectory: state)
        try directory.create()
        #expect(FileManager.default.createFile(atPath: directory.gatewaySocket, contents: nil))
        try directory.create()
        #expect(!FileManager.default.fileExists(atPath: directory.gatewaySocket))
        for (path, mode) in [("\(state)/egress", 0o700), (directory.mount, 0o755)] {
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == mode)
        }
    }

    @Test("A path that the kernel would not take is known beforehand", arguments: [(70, true), (100, false)])
    func length(count: Int, isUsable: Bool) {
        let state = "/" + String(repeating: "x", count: count - 1)
        #expect(EgressDirectory(stateDirectory: state).isUsable == isUsable)
    }
}
