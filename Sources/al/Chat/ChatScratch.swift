import AgentCommands
import Foundation

/// A private directory of one chat, which goes with it: commands, signals, credentials as files.
struct ChatScratch {
    let directory: String

    var commands: String { directory + "/bin" }
    var signals: String { directory + "/signals" }

    /// Makes it.
    init() throws {
        directory = NSTemporaryDirectory() + "/al-chat-\(RandomText.hex(bytes: 8))"
        for path in ["", "/bin", "/signals", "/tmp"] {
            try FileManager.default.createDirectory(
                atPath: directory + path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
        for name in AgentCommand.names + ["al"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(commands)/\(name)",
                withDestinationPath: RuntimeRoot.executablePath
            )
        }
    }

    /// Deletes it with everything in it.
    func remove() {
        // What cannot be removed is closed to others all the same.
        try? FileManager.default.removeItem(atPath: directory)
    }
}
