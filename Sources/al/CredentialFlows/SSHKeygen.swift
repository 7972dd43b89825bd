import Credentials
import Foundation
import Subprocess

/// Makes and reads keys with the system's `ssh-keygen`, in a directory that nobody else can read and that is gone afterwards.
struct SSHKeygen {
    /// Line ends of this system and one final line break, as ssh wants them.
    static func normalized(_ text: String) -> String {
        text.replacing("\r\n", with: "\n").trimmingCharacters(in: .whitespacesAndNewlines) + "\n"
    }

    /// The text of a private key as a run can use it.
    ///
    /// - Throws: ``Failure`` when it is no private key, or cannot be read without a passphrase.
    func usableKey(_ text: String) async throws -> String {
        let key = Self.normalized(text)
        guard key.contains("PRIVATE KEY") else {
            throw Failure(
                "Credential error: that is no private key (BEGIN … PRIVATE KEY)",
                code: "credential.incomplete"
            )
        }
        _ = try await publicKey(of: key)
        return key
    }

    /// The public part of a private key.
    ///
    /// - Throws: ``Failure`` when the key cannot be read without a passphrase, which a run cannot type.
    func publicKey(of key: String) async throws -> String {
        try await withDirectory { directory in
            let file = directory + "/key"
            guard
                FileManager.default.createFile(
                    atPath: file,
                    contents: Data(key.utf8),
                    attributes: [.posixPermissions: 0o600]
                )
            else { throw Failure("Error: \(file) cannot be written") }
            let result = try await run(["-y", "-P", "", "-f", file])
            guard result.isSuccess else {
                let reason =
                    result.error.contains("passphrase")
                    ? "it is protected by a passphrase" : "ssh-keygen cannot read it"
                throw Failure(
                    "Credential error: the key cannot be used: \(reason). A run cannot type a passphrase; make a key "
                        + "without one: ssh-keygen -t ed25519 -N '' -f <file>",
                    code: "credential.incomplete"
                )
            }
            return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    /// A new ed25519 pair without a passphrase: the fields of `vps_ssh`.
    func generate(comment: String) async throws -> CredentialCheck.Fields {
        try await withDirectory { directory in
            let file = directory + "/key"
            let result = try await run(["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file])
            guard result.isSuccess else { throw Failure("Error: ssh-keygen failed: \(result.error)") }
            return [
                "private_key": try String(contentsOfFile: file, encoding: .utf8),
                "public_key": try String(contentsOfFile: file + ".pub", encoding: .utf8),
            ]
        }
    }

    private func run(_ arguments: [String]) async throws -> (isSuccess: Bool, output: String, error: String) {
        do {
            let result = try await Subprocess.run(
                .name("ssh-keygen"),
                arguments: Arguments(arguments),
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 16)
            )
            return (result.terminationStatus.isSuccess, result.standardOutput, result.standardError)
        } catch {
            throw Failure("Error: ssh-keygen is needed to read a key; install the package openssh-client.")
        }
    }

    private func withDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let directory = FileManager.default.temporaryDirectory.path + "/al-key-" + RandomText.hex(bytes: 8)
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        // What cannot be removed was closed to others from the beginning.
        defer { try? FileManager.default.removeItem(atPath: directory) }
        return try await body(directory)
    }
}
