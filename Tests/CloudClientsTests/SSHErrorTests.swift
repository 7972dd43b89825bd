import Domain
import Foundation
import Testing

@testable import CloudClients

@Suite("What ssh says")
struct SSHErrorTests {
    private func server(port: Int? = 2222, keyPath: String? = nil) throws -> ServerAddress {
        try #require(ServerAddress(host: "h.example", user: "me", port: port, keyPath: keyPath))
    }

    @Test(
        "Each way to fail is told apart, with ssh's words and what to do",
        arguments: [
            ("me@h.example: Permission denied (publickey).", .permissionDenied, "authorized_keys"),
            ("Received disconnect: Too many authentication failures", .permissionDenied, "IdentityFile"),
            ("ssh: connect to host h.example port 2222: Connection refused", .refused, "port 2222"),
            ("ssh: connect to host h.example port 2222: Connection timed out", .timedOut, "firewall"),
            ("Connection timed out during banner exchange", .timedOut, "firewall"),
            ("ssh: connect to host h.example port 2222: No route to host", .noRoute, "no way to h.example"),
            ("ssh: connect to host h.example port 22: Network is unreachable", .noRoute, "VPN"),
            ("ssh: Could not resolve hostname h.example: Name or service not known", .unknownHost, "name server"),
            ("kex_exchange_identification: Connection closed by remote host", .other, "ssh -p 2222 me@h.example"),
            ("", .other, "by hand"),
        ] as [(String, SSHError.Code, String)]
    )
    func reads(text: String, code: SSHError.Code, advice: String) throws {
        let noise = "Warning: Permanently added '[h.example]:2222' (ED25519) to the list of known hosts.\r\n"
        let error = SSHError(reading: noise + text + "\r\n", of: try server()) { _ in nil }
        #expect(error.code == code)
        #expect(error.description.hasPrefix("ssh://me@h.example:2222: "))
        #expect(error.description.contains(advice) && !error.description.contains("says: ssh:"))
        if let word = text.split(separator: " ").last?.prefix(6) { #expect(error.description.contains(word)) }
    }

    @Test("A refused key is named when it was chosen")
    func namesKey() throws {
        let error = SSHError(reading: "Permission denied (publickey).", of: try server(keyPath: "/k/id")) { _ in nil }
        #expect(error.description.contains("the key /k/id"))
    }

    /// The public half of a key, and the fingerprint that ssh-keygen gives it.
    private static let known = (
        line: "[h.example]:2222 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
        fingerprint: "SHA256:ZkAslGjFiUHdGf/WUL8rQvkib4PTvQatUV0OUQSncCA"
    )

    private static let warning = """
        @    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
        The fingerprint for the ED25519 key sent by the remote host is
        SHA256:AAAAnewnewnewnewnewnewnewnewnewnewnewnewnew.
        Please contact your system administrator.
        Offending ED25519 key in /home/me/known_hosts:2
        Host key verification failed.
        """

    @Test("A changed host key is shown beside the known one, with the command that forgets it")
    func hostKeyChanged() throws {
        let error = SSHError(reading: Self.warning, of: try server()) { path in
            path == "/home/me/known_hosts" ? Array("other ssh-rsa AAAA\n\(Self.known.line)\n".utf8) : nil
        }
        #expect(error.code == .hostKeyChanged)
        #expect(error.description.contains("Known is \(Self.known.fingerprint), shown is SHA256:AAAAnew"))
        #expect(error.description.hasSuffix("ssh-keygen -R '[h.example]:2222' -f /home/me/known_hosts"))
    }

    @Test("A known key that cannot be read is no reason to say less", arguments: ["", "x", "h ssh-rsa !!!"])
    func unreadableKey(line: String) throws {
        let error = SSHError(reading: Self.warning, of: try server(port: 22)) { _ in Array("a\n\(line)".utf8) }
        #expect(error.code == .hostKeyChanged)
        #expect(error.description.contains("cannot be read") && error.description.contains("-R 'h.example'"))
    }
}
