import Foundation
import TestSupport
import Testing

@testable import CloudClients

@Suite("The private directory of sockets")
struct SSHFilesTests {
    private let home = "/tmp/al-files-\(UUID().uuidString.prefix(8))"

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    private func withHome(_ body: () throws -> Void) throws {
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: home) }
        try body()
    }

    @Test("It is the session's, only we can enter it, and every connection has its own")
    func session() throws {
        try withHome {
            let first = try SSHFiles(runtimeDirectory: home, home: "/nowhere")
            let second = try SSHFiles(runtimeDirectory: home, home: "/nowhere")
            #expect(first != second)
            let directory = URL(fileURLWithPath: first.control).deletingLastPathComponent().path
            #expect(directory.hasPrefix("\(home)/al/\(getpid())-"))
            #expect(try mode(directory) == 0o700)
            #expect(try mode("\(home)/al") == 0o700)
            first.remove()
            #expect(!FileManager.default.fileExists(atPath: directory))
        }
    }

    @Test("Without a session it is the user's own, made with its parents; others are shut out of one that stood open")
    func own() throws {
        try withHome {
            try FileManager.default.createDirectory(
                atPath: "\(home)/x/run",
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o777]
            )
            for runtimeDirectory in [nil, ""] {
                let files = try SSHFiles(runtimeDirectory: runtimeDirectory, home: "\(home)/x")
                #expect(files.control.hasPrefix("\(home)/x/run/"))
            }
            #expect(try mode("\(home)/x/run") == 0o700)
        }
    }

    @Test(
        "A place that is too long for a socket, that ssh would read otherwise, or that is no directory is passed over",
        arguments: [String(repeating: "x", count: 60), "a b", "50%", "a:b", "file/x"]
    )
    func unusable(name: String) throws {
        try withHome {
            try Data().write(to: URL(fileURLWithPath: "\(home)/file"))
            let files = try SSHFiles(runtimeDirectory: nil, home: "\(home)/\(name)")
            defer { files.remove() }
            #expect(files.control.hasPrefix("/tmp/al-") && !files.control.hasPrefix(home))
        }
    }

    @Test("A link in its place is not followed")
    func link() throws {
        try withHome {
            try FileManager.default.createDirectory(atPath: "\(home)/elsewhere", withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: "\(home)/run", withDestinationPath: "\(home)/elsewhere")
            let files = try SSHFiles(runtimeDirectory: nil, home: home)
            defer { files.remove() }
            #expect(!files.control.hasPrefix(home))
        }
    }

    @Test("What a dead process left is deleted, what a living one uses is not")
    func sweep() throws {
        try withHome {
            // Process numbers end at 4194304.
            let dead = "\(home)/run/9999999-abcdef"
            let living = "\(home)/run/1-abcdef"
            for path in [dead, living] {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            }
            _ = try SSHFiles(runtimeDirectory: nil, home: home)
            #expect(!FileManager.default.fileExists(atPath: dead))
            #expect(FileManager.default.fileExists(atPath: living))
        }
    }
}
