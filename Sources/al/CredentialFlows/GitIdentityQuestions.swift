import Credentials
import Foundation
import Terminal

/// Asks for the author of commits and for the key of git over SSH.
struct GitIdentityQuestions {
    let flow: CredentialFlow

    /// Asks; what is stored is offered.
    ///
    /// - Returns: the fields of `git_ssh`; without a key the system's own ssh is used.
    func ask(_ existing: [String: String]) async throws -> CredentialCheck.Fields {
        let notEmpty: @Sendable (String) -> String? = { $0.isEmpty ? "It must not be empty; Esc leaves." : nil }
        var fields: CredentialCheck.Fields = [:]
        for (field, question) in [("username", "Author name"), ("email", "Author email")] {
            fields[field] = try flow.prompt.text(
                question,
                remedy: flow.remedy,
                defaultAnswer: existing[field],
                problem: notEmpty
            )
        }
        if let key = existing["id_rsa"],
            try flow.prompt.confirm("Keep the stored SSH key?", remedy: flow.remedy, defaultAnswer: true)
        {
            fields["id_rsa"] = key
        } else {
            fields["id_rsa"] = try await SSHKeySource(flow: flow).ask(offersNone: true)
        }
        return fields
    }
}

/// Asks for a key pair for servers.
struct KeyPairQuestions {
    let flow: CredentialFlow

    /// Asks.
    ///
    /// - Returns: the fields of `vps_ssh`.
    func ask() async throws -> CredentialCheck.Fields {
        let choices = ["Make a new ed25519 key", "Read or paste an existing key"]
        let keys = SSHKeygen()
        guard try flow.prompt.choose("Key pair", among: choices, remedy: flow.remedy) == 1 else {
            return try await keys.generate(comment: "action-llama")
        }
        guard let key = try await SSHKeySource(flow: flow).ask(offersNone: false) else { return [:] }
        return ["private_key": key, "public_key": try await keys.publicKey(of: key)]
    }
}

/// Asks where a private key comes from, and makes sure that a run can use it.
struct SSHKeySource {
    let flow: CredentialFlow

    /// Asks for a key.
    ///
    /// - Parameter offersNone: whether to go on without one.
    /// - Returns: the key's text; `nil` = none.
    /// - Throws: ``Failure`` when the file is missing or the key is not usable without a passphrase.
    func ask(offersNone: Bool) async throws -> String? {
        let choices = ["Read it from a file", "Paste it"] + (offersNone ? ["None: use the system's ssh"] : [])
        switch try flow.prompt.choose("SSH key", among: choices, remedy: flow.remedy) {
        case 0: return try await SSHKeygen().usableKey(readFile())
        case 1: return try await SSHKeygen().usableKey(paste())
        default: return nil
        }
    }

    private func readFile() throws -> String {
        let known = ["id_ed25519", "id_rsa"].map { "\(flow.userHome)/.ssh/\($0)" }
        let home = flow.userHome
        let expanded = { @Sendable (path: String) in path.hasPrefix("~/") ? home + path.dropFirst() : path }
        let path = try flow.prompt.text(
            "File",
            remedy: "--field id_rsa=@file",
            defaultAnswer: known.first(where: FileManager.default.fileExists(atPath:)),
            problem: { FileManager.default.isReadableFile(atPath: expanded($0)) ? nil : "There is no such file." }
        )
        guard let data = FileManager.default.contents(atPath: expanded(path)) else {
            throw Failure("Credential error: \(expanded(path)) cannot be read", code: "credential.unreadable")
        }
        return try CredentialInput.text(data, from: expanded(path))
    }

    /// Reads lines, unseen, until the key's last one.
    private func paste() throws -> String {
        Console.error("Paste the key, from BEGIN to END.")
        var lines: [String] = []
        while true {
            let line = try flow.prompt.secret("line \(lines.count + 1)", remedy: "--field id_rsa=@file")
            lines.append(line)
            if line.contains("-----END") || line.isEmpty && lines.count > 1 { return lines.joined(separator: "\n") }
        }
    }
}
