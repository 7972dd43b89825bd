import Foundation
import Runtimes
import TestSupport
import Testing

@testable import al

@Suite("What a scheduler keeps of secrets, and where", .timeLimit(.minutes(5))) struct StagingPlaceTests {
    @Test(
        "copies of credentials leave file systems that others see or that know no permissions",
        arguments: [
            (0x6969, true), (0xFF53_4D42, true), (0x4D44, true), (0x6573_5546, true), (0xEF53, false),
            (0x9123_683E, false), (0x5846_5342, false), (0x0102_1994, false), (0x794C_7630, false), (0, false),
        ] as [(UInt32, Bool)]
    )
    func unfit(fileSystem: UInt32, isUnfit: Bool) {
        #expect(StagingPlace.isUnfit(fileSystem: fileSystem) == isUnfit)
    }

    @Test("each project has a place of its own in memory, and what was staged in another one is found")
    func elsewhere() async throws {
        let project = ProjectID(rawValue: "0123456789ab")
        let (shared, usual) = ("/dev/shm/al-7-0123456789ab", "/run/user/7/al-0123456789ab")
        for none in [nil, "", "relative", "/absent"] {
            #expect(StagingPlace.elsewhere(for: project, runtimeDirectory: none, user: 7) == [shared, usual])
        }
        try await AlProcess.withDirectory { al in
            let own = StagingPlace.elsewhere(for: project, runtimeDirectory: al.directory, user: 7)
            #expect(own == ["\(al.directory)/al-0123456789ab", usual, shared])
            let link = al.directory + "/link"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: al.directory)
            #expect(StagingPlace.elsewhere(for: project, runtimeDirectory: link, user: 7) == [shared, usual])
        }
    }

    @Test("the log says where the gateway's new key is, and not what it is")
    func newKey() async throws {
        try await AlProcess.withDirectory { al in
            let port = try LoopbackSSHServer.freePort()
            let model = "[model]\nprovider = \"scripted\"\nmodel = \"s.yaml\"\n"
            try al.write("config.toml", "\(model)[gateway]\nport = \(port)\n")
            try al.write("agents/dev/agent-config.toml", "credentials = []\nmanual = true\n")
            try al.write("agents/dev/s.yaml", "turns: [ { text: x } ]\n")
            let code = try await al.scheduling { $0.send(SIGTERM) }
            #expect(code == 0)
            let logs = al.directory + "/.al/logs"
            let names = try FileManager.default.contentsOfDirectory(atPath: logs).filter { $0.hasPrefix("scheduler") }
            let text = try names.map { try al.text(".al/logs/\($0)") }.joined()
            #expect(text.contains("Gateway API key was made"), "\(text)")
            #expect(text.contains("credentials/gateway_api_key/default/key"), "\(text)")
            let key = try al.text("home/credentials/gateway_api_key/default/key")
            #expect(!text.contains(key))
        }
    }
}
