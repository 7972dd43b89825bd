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
            (
                "bind [127.0.0.1]:80: Permission denied\r\nCould not request local forwarding.", .ownForwarding,
                "LocalForward"
            ),
            ("Error: remote port forwarding failed for listen port 80", .ownForwarding, "Take that line away"),
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

    @Test("The socket that ssh was to make for us is no forwarding of the user's")
    func ownSocket() throws {
        let said = "unix_listener: cannot bind to path /r/1/engine: No such file or directory"
        let text = "\(said)\r\nCould not request local forwarding.\r\n"
        let error = SSHError(reading: text, of: try server(), socket: "/r/1/engine") { _ in nil }
        #expect(error.code == .directory && error.description.contains("/r/1/engine: ssh says: \(said)."))
        let other = SSHError(reading: text, of: try server(), socket: "/r/2/engine") { _ in nil }
        #expect(other.code == .ownForwarding)
    }

    @Test("A refused key is named when it was chosen")
    func namesKey() throws {
        let error = SSHError(reading: "Permission denied (publickey).", of: try server(keyPath: "/k/id")) { _ in nil }
        #expect(error.description.contains("the key /k/id"))
    }

    /// What ssh says of a key that it does not use, and what people read.
    private static let unusable: [(said: String, says: String)] = [
        (
            """
            @         WARNING: UNPROTECTED PRIVATE KEY FILE!          @
            Permissions 0644 for '/k/my id' are too open.
            It is required that your private key files are NOT accessible by others.
            This private key will be ignored.
            Load key "/k/my id": bad permissions
            """, "The key /k/my id can be read by others, so ssh does not use it: chmod 600 '/k/my id'"
        ), ("no such identity: /k/my id: No such file or directory", "The key /k/my id does not exist."),
        (#"Load key "/k/my id": error in libcrypto"#, "/k/my id is no private key."),
        (#"Load key "/k/my id": invalid format"#, "/k/my id is no private key."),
        (#"Load key "/k/my id": Permission denied"#, "ssh cannot use the key /k/my id: Permission denied."),
    ]

    @Test("A key that ssh does not use was not offered, and the reason is told", arguments: unusable, [true, false])
    func unusableKey(case key: (said: String, says: String), isChosen: Bool) throws {
        // What was not chosen is one of several, of which others may have been refused.
        let text = key.said + "\r\nme@h.example: Permission denied (publickey).\r\n"
        let server = try server(keyPath: isChosen ? "/k/my id" : nil)
        let error = SSHError(reading: text, of: server) { _ in nil }
        #expect(error.code == (isChosen ? .keyUnusable : .permissionDenied))
        #expect(error.description.hasPrefix("ssh://me@h.example:2222: \(key.says)") == isChosen)
        #expect(error.description.contains("Offered") == !isChosen)
        #expect(error.description.contains("Not among them: \(key.says)") == !isChosen)
    }

    @Test("The public half of a key, named by mistake, is told whatever its mode")
    func publicKey() throws {
        for reason in ["bad permissions", "error in libcrypto"] {
            let text = "Load key \"/k/id.pub\": \(reason)\nPermission denied (publickey)."
            let error = SSHError(reading: text, of: try server(keyPath: "/k/id.pub")) { _ in nil }
            #expect(error.code == .keyUnusable && error.description.contains("/k/id.pub is a public key."))
        }
    }

    @Test("Another key than the chosen one is not at fault, and a path in the home directory is known again")
    func chosenKey() throws {
        let text = "no such identity: /home/me/.ssh/x: No such file or directory\nPermission denied (publickey)."
        let other = SSHError(reading: text, of: try server(keyPath: "/k/id")) { _ in nil }
        #expect(other.code == .permissionDenied && other.description.contains("Offered were the key /k/id"))
        let same = SSHError(reading: text, of: try server(keyPath: "~/.ssh/x")) { _ in nil }
        #expect(same.code == .keyUnusable)
    }

    @Test(
        "A path with any letters is known again in what ssh writes of it",
        arguments: [(#"/k/schl\303\274ssel"#, "/k/schlüssel"), (#"/k/a\\b"#, #"/k/a\b"#)]
    )
    func anyLetters(written: String, path: String) throws {
        let text = "Load key \"\(written)\": bad permissions\nPermission denied (publickey)."
        let error = SSHError(reading: text, of: try server(keyPath: path)) { _ in nil }
        #expect(error.code == .keyUnusable && error.description.contains("The key \(path) can be read by others"))
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
        let spaced = Self.warning.replacing("/home/me/", with: "/home/my own/")
        let quoted = SSHError(reading: spaced, of: try server()) { _ in nil }
        #expect(quoted.description.hasSuffix(" -f '/home/my own/known_hosts'"))
    }

    @Test("A known key that cannot be read is no reason to say less", arguments: ["", "x", "h ssh-rsa !!!"])
    func unreadableKey(line: String) throws {
        let error = SSHError(reading: Self.warning, of: try server(port: 22)) { _ in Array("a\n\(line)".utf8) }
        #expect(error.code == .hostKeyChanged)
        #expect(error.description.contains("cannot be read") && error.description.contains("-R 'h.example'"))
    }
}
