import Domain
import Foundation
import Hummingbird
import NIOCore
import TestSupport
import Testing

@testable import CloudClients

/// Against a real OpenSSH server on loopback.
@Suite(
    "A connection to a real ssh server",
    .enabled(if: LoopbackSSHServer.isPossible, "\(LoopbackSSHServer.requirement)"),
    .timeLimit(.minutes(5))
)
struct SSHConnectionTests {
    private func withTunnel(
        to server: LoopbackSSHServer,
        host: String = "127.0.0.1",
        port: Int? = nil,
        keyPath: String? = nil,
        end: RemoteEnd = .socket("/var/run/docker.sock"),
        _ body: (SSHTunnel) async throws -> Void
    ) async throws {
        let keyPath = keyPath ?? server.keyPath
        let address = ServerAddress(host: host, user: "root", port: port ?? server.port, keyPath: keyPath)
        let tunnel = SSHTunnel(
            to: try #require(address),
            end: end,
            files: try SSHFiles(runtimeDirectory: nil, home: server.directory),
            knownHosts: ["\(server.directory)/known_hosts"],
            program: SSHProgram(environment: ["PATH": "/usr/bin:/bin", "HOME": "/root"], clock: ContinuousClock())
        )
        do {
            try await body(tunnel)
        } catch {
            await tunnel.close()
            throw error
        }
        await tunnel.close()
    }

    private func failure(_ tunnel: SSHTunnel) async -> SSHError? {
        do {
            try await tunnel.connect()
            return nil
        } catch {
            return error as? SSHError
        }
    }

    /// Asks whoever serves behind a socket; empty = nobody answers.
    private func exchange(_ path: String) async throws -> String {
        try await Program.output(of: "curl", "-s", "--unix-socket", path, "http://x/hello")
    }

    private func masterProcess(of tunnel: SSHTunnel) async throws -> Int32? {
        try await LoopbackSSHServer.masterProcess(ofControl: tunnel.files.control)
    }

    private func serve(at path: String, _ body: () async throws -> Void) async throws {
        let responder = CallbackResponder<BasicRequestContext> { request, _ in
            Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "served \(request.uri.path)")))
        }
        try await LoopbackServer.run(responder, at: .unixDomainSocket(path: path)) { _ in try await body() }
    }

    @Test("A socket of the server answers here, again after the connection was killed, and nothing stays behind")
    func forwards() async throws {
        try await LoopbackSSHServer.run { server in
            let socket = "\(server.directory)/remote.sock"
            try await serve(at: socket) {
                try await withTunnel(to: server, end: .socket(socket)) { tunnel in
                    #expect(try await exchange(tunnel.localSocket).isEmpty)
                    try await tunnel.connect()
                    #expect(try await exchange(tunnel.localSocket) == "served /hello")
                    let master = try #require(try await masterProcess(of: tunnel))
                    try await tunnel.connect()
                    #expect(try await masterProcess(of: tunnel) == master)
                    #expect(kill(master, SIGKILL) == 0)
                    // Its sockets go with the process, which is the system's to end.
                    while tunnel.files.hasMaster { await Task.yield() }
                    try await tunnel.connect()
                    #expect(try await exchange(tunnel.localSocket) == "served /hello")
                    #expect(try await masterProcess(of: tunnel) != master)
                    await tunnel.close()
                    #expect(!tunnel.files.hasMaster)
                    let directory = URL(fileURLWithPath: tunnel.localSocket).deletingLastPathComponent().path
                    #expect(!FileManager.default.fileExists(atPath: directory))
                    try await tunnel.connect()
                    #expect(try await exchange(tunnel.localSocket) == "served /hello")
                }
            }
        }
    }

    @Test("A wrong key, a closed port and an unknown name are three different failures")
    func failures() async throws {
        try await LoopbackSSHServer.run { server in
            try await withTunnel(to: server, keyPath: "\(server.directory)/host") { tunnel in
                let error = await failure(tunnel)
                #expect(error?.code == .permissionDenied)
                #expect(error?.description.contains("\(server.directory)/host") == true)
            }
            try await withTunnel(to: server, port: try LoopbackSSHServer.freePort()) { tunnel in
                #expect(await failure(tunnel)?.code == .refused)
            }
            try await withTunnel(to: server, host: "no-such-host.invalid") { tunnel in
                #expect(await failure(tunnel)?.code == .unknownHost)
            }
        }
    }

    @Test("A key with any name opens the server; one that ssh does not use is told from one that the server refuses")
    func keys() async throws {
        try await LoopbackSSHServer.run { server in
            let files = FileManager.default
            let named = "\(server.directory)/a 50% \"key\""
            try files.copyItem(atPath: server.keyPath, toPath: named)
            try files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: named)
            try await withTunnel(to: server, keyPath: named) { #expect(await failure($0) == nil) }
            let open = "\(server.directory)/open"
            try files.copyItem(atPath: server.keyPath, toPath: open)
            try files.setAttributes([.posixPermissions: 0o644], ofItemAtPath: open)
            let junk = "\(server.directory)/junk"
            try Data("no key\n".utf8).write(to: URL(fileURLWithPath: junk))
            try files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: junk)
            let letters = "\(server.directory)/schlüssel\\1"
            try files.copyItem(atPath: open, toPath: letters)
            let cases = [
                (letters, "The key \(letters) can be read by others"), (open, "chmod 600 \(open)"),
                (junk, "\(junk) is no private key"),
                ("\(server.directory)/none", "\(server.directory)/none does not exist"),
                ("\(server.directory)/schlüssel \\", "\(server.directory)/schlüssel \\ does not exist"),
                ("\(server.keyPath).pub", "\(server.keyPath).pub is a public key"),
            ]
            for (path, words) in cases {
                try await withTunnel(to: server, keyPath: path) { tunnel in
                    let error = await failure(tunnel)
                    #expect(error?.code == .keyUnusable)
                    #expect(error?.description.contains(words) == true, "\(String(describing: error))")
                }
            }
        }
    }

    @Test("A server with another host key than the known one is not talked to")
    func hostKeyChanged() async throws {
        try await LoopbackSSHServer.run { server in
            let known = try String(contentsOfFile: "\(server.directory)/key.pub", encoding: .utf8)
            let line = "[127.0.0.1]:\(server.port) " + known
            try Data(line.utf8).write(to: URL(fileURLWithPath: "\(server.directory)/known_hosts"))
            try await withTunnel(to: server) { tunnel in
                let error = await failure(tunnel)
                #expect(error?.code == .hostKeyChanged)
                let words = try #require(error?.description)
                #expect(words.matches(of: /SHA256:[A-Za-z0-9+\/]{43}/).count == 2)
                #expect(words.hasSuffix("-R '[127.0.0.1]:\(server.port)' -f \(server.directory)/known_hosts"))
                #expect(!tunnel.files.hasMaster)
            }
        }
    }

    @Test(
        "A server that forwards no sockets, and one without the socket, are told apart once somebody tried",
        arguments: [
            ("AllowStreamLocalForwarding no", "/dev/null", .forwardingForbidden),
            ("AllowStreamLocalForwarding yes", nil, .socketUnreachable),
        ] as [(String, String?, SSHError.Code)]
    )
    func refusals(setting: String, socket: String?, code: SSHError.Code) async throws {
        try await LoopbackSSHServer.run(engineSocket: socket, settings: [setting]) { server in
            try await withTunnel(to: server) { tunnel in
                try await tunnel.connect()
                #expect(try await tunnel.refusal() == nil)
                #expect(try await exchange(tunnel.localSocket).isEmpty)
                #expect(try await tunnel.refusal()?.code == code)
            }
        }
    }

    /// What the server's `docker` is: it says what it was asked, and gives back what it reads until there is no more.
    private static let echo = """
        #!/bin/sh
        echo "$@"; cat; echo end

        """

    private func withCommand(_ script: String, _ body: (LoopbackSSHServer) async throws -> Void) async throws {
        let bin = FileManager.default.temporaryDirectory.path + "/al-bin-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
        // What cannot be deleted is left to the system's own cleaning.
        defer { try? FileManager.default.removeItem(atPath: bin) }
        let file = "\(bin)/docker"
        try Data(script.utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
        let settings = ["AllowStreamLocalForwarding no", "MaxSessions 2", "SetEnv PATH=\(bin):/usr/bin:/bin"]
        try await LoopbackSSHServer.run(engineSocket: "/dev/null", settings: settings, body)
    }

    @Test("Where no socket is forwarded a command carries each connection, until either side has no more to say")
    func carries() async throws {
        let call = """
            use IO::Socket::UNIX; my @all = map { IO::Socket::UNIX->new($ARGV[0]) or die } 1 .. 3;
            for (@all) { print $_ "asked\n"; $_->flush; $_->shutdown(1) } print <$_> for @all
            """
        let answer = "--host unix:///var/run/docker.sock system dial-stdio\nasked\nend\n"
        try await withCommand(Self.echo) { server in
            try await withTunnel(to: server) { tunnel in
                try await tunnel.connect()
                #expect(await tunnel.useCommands())
                #expect(await !tunnel.useCommands())
                try await tunnel.connect()
                // Three at once, of which the server takes two over one connection.
                let said = try await Program.output(of: "perl", "-e", call, tunnel.localSocket)
                #expect(said == String(repeating: answer, count: 3))
                #expect(try await tunnel.refusal() == nil)
                let master = try #require(try await masterProcess(of: tunnel))
                #expect(kill(master, SIGKILL) == 0)
                while tunnel.files.hasMaster { await Task.yield() }
                try await tunnel.connect()
                #expect(try await Program.output(of: "perl", "-e", call, tunnel.localSocket) == said)
                await tunnel.close()
                #expect(!FileManager.default.fileExists(atPath: tunnel.localSocket))
            }
        }
    }

    @Test("Connections that are open when the tunnel is closed end, and so do their processes")
    func carriedEnd() async throws {
        let call = "use IO::Socket::UNIX; $s = IO::Socket::UNIX->new($ARGV[0]) or die; print scalar <$s>; print <$s>"
        try await withCommand(Self.echo) { server in
            try await withTunnel(to: server) { tunnel in
                _ = await tunnel.useCommands()
                try await tunnel.connect()
                async let said = Program.output(of: "perl", "-e", call, tunnel.localSocket)
                let pattern = "ControlPath=\(tunnel.files.control).*dial-stdio"
                while try await Program.output(of: "pgrep", "-f", pattern).isEmpty { await Task.yield() }
                await tunnel.close()
                #expect(try await !said.contains("end"))
                #expect(try await Program.output(of: "pgrep", "-f", pattern).isEmpty)
            }
        }
    }

    @Test("A server that forwards no sockets and has no command is refused with the words of both")
    func noCommand() async throws {
        try await withCommand("#!/bin/sh\necho 'docker: no daemon' >&2; exit 1\n") { server in
            try await withTunnel(to: server) { tunnel in
                _ = await tunnel.useCommands()
                try await tunnel.connect()
                #expect(try await exchange(tunnel.localSocket).isEmpty)
                let error = try #require(try await tunnel.refusal())
                #expect(error.code == .forwardingForbidden)
                #expect(error.description.contains("it says: docker: no daemon. Set AllowStreamLocalForwarding yes"))
            }
        }
    }

    @Test("Without ssh the package is named")
    func noClient() async throws {
        let program = SSHProgram(environment: ["PATH": "/nowhere"], clock: ContinuousClock())
        let server = try #require(ServerAddress(host: "h"))
        await #expect(throws: SSHError.noClient) { try await program.run([], server) }
    }
}
