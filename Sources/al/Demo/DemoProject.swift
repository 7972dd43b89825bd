import Foundation

/// The sample project of `al demo`: four agents on the scripted model, with their own credential store.
struct DemoProject {
    /// Absolute path of the project.
    let directory: String
    private static let marker = ".al-demo"
    /// Name of the webhook source and of the instance that holds its secret.
    static let sourceInstance = "demo"

    /// Store of the demo; nothing of the user's own is touched.
    var home: String { directory + "/.action-llama" }

    /// Writes the files.
    ///
    /// - Parameter webhookSecret: random; it signs the demo's webhook.
    /// - Throws: ``Failure`` when the directory holds something that the demo did not make.
    func write(webhookSecret: String) throws {
        let files = FileManager.default
        if files.fileExists(atPath: directory), !files.fileExists(atPath: "\(directory)/\(Self.marker)") {
            // An unreadable directory is treated like a foreign one.
            let entries = (try? files.contentsOfDirectory(atPath: directory)) ?? ["?"]
            guard entries.isEmpty else {
                throw Failure("Error: \(directory) exists and was not made by al demo. Name another one: al demo <dir>")
            }
        }
        try write(Self.marker, "This directory was made by al demo and may be deleted.\n")
        for (path, text) in Self.files { try write(path, text) }
        let secret = ".action-llama/credentials/github_webhook_secret/\(Self.sourceInstance)/secret"
        try write(secret, webhookSecret + "\n", mode: 0o600)
        for path in [
            "", "/credentials", "/credentials/github_webhook_secret", "/credentials/github_webhook_secret/demo",
        ] {
            try files.setAttributes([.posixPermissions: 0o700], ofItemAtPath: home + path)
        }
    }

    /// The secret that signs the demo's webhook.
    func webhookSecret() throws -> String {
        let path = home + "/credentials/github_webhook_secret/\(Self.sourceInstance)/secret"
        return try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func write(_ path: String, _ text: String, mode: Int = 0o644) throws {
        let url = URL(fileURLWithPath: directory).appendingPathComponent(path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url, options: .atomic)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: url.path)
    }
}
