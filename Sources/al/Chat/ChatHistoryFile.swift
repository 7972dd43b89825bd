import Domain
import Foundation
import Terminal

/// What was typed into chats before: a JSON text a line, readable by its owner only.
struct ChatHistoryFile {
    let path: String

    /// What it holds; a file that is missing or broken is an empty one.
    func read() -> InputHistory {
        // Without its history a chat works as well.
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return InputHistory(
            text.split(separator: "\n").compactMap { (try? JSONValue(parsing: String($0)))?.stringValue }
        )
    }

    /// Writes everything anew.
    func write(_ history: InputHistory) {
        let text = history.entries.map { JSONValue.string($0).compactText + "\n" }.joined()
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try? FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        // Made beside the file and moved over it, closed to others from the beginning.
        let fresh = "\(path).new"
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard FileManager.default.createFile(atPath: fresh, contents: Data(text.utf8), attributes: attributes) else {
            return
        }
        if rename(fresh, path) != 0 { unlink(fresh) }
    }
}
