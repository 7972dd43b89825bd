import FoundationEssentials

/// The private key that git uses.
struct SSHKeyFile: Hashable, Sendable {
    let path: String
    let knownHosts: String

    /// Writes the key with exactly one newline at its end, readable by its owner only.
    ///
    /// - Throws: ``RunFailure`` naming the path.
    init(key: String, home: String) throws(RunFailure) {
        let directory = "\(home)/.ssh"
        path = "\(directory)/id_rsa"
        knownHosts = "\(directory)/known_hosts"
        var text = key
        while text.last?.isWhitespace == true { text.removeLast() }
        let manager = FileManager.default
        do {
            try manager.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            // Created empty and closed to others first, so that the key is never readable by them.
            _ = manager.createFile(atPath: path, contents: Data(), attributes: [.posixPermissions: 0o600])
            try manager.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            try Data((text + "\n").utf8).write(to: URL(filePath: path))
        } catch {
            throw RunFailure(.directories, "cannot write the SSH key to \(path): \(error). Is HOME writable?")
        }
    }
}
