import Domain
import Testing

@testable import CloudClients

@Suite("Command lines of ssh")
struct SSHCommandTests {
    private let files = SSHFiles(at: "/run/user/1/al/7-abc")

    @Test(
        "The master gets every option that keeps a connection safe, and the server's name where it cannot be an option"
    )
    func tunnel() throws {
        let server = try #require(ServerAddress(host: "h.example", user: "me", port: 2222, keyPath: "/k e/50%/id"))
        let command = SSHCommand.tunnel(
            to: server,
            files,
            knownHosts: ["/home/a b/50%/known_hosts", "/home/me/.ssh/known_hosts"],
            offering: .socket("/var/run/docker.sock")
        )
        #expect(
            command.arguments == [
                "-f", "-N", "-M", "-E", "/run/user/1/al/7-abc/log", "-L",
                "/run/user/1/al/7-abc/engine:/var/run/docker.sock", "-o", "ExitOnForwardFailure=yes",
                "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "StrictHostKeyChecking=accept-new",
                "-o", #"UserKnownHostsFile="/home/a b/50%%/known_hosts" "/home/me/.ssh/known_hosts""#,
                "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4", "-o", "ForwardAgent=no",
                "-o", "LogLevel=INFO", "-o", "ControlPath=/run/user/1/al/7-abc/control", "-o", "ControlPersist=30",
                "-p", "2222", "-l", "me", "-o", #"IdentityFile="/k e/50%%/id""#, "-o", "IdentitiesOnly=yes", "--",
                "h.example",
            ]
        )
    }

    @Test("What is not written is left to ssh's own configuration")
    func ownChoice() throws {
        let server = try #require(ServerAddress(host: "alias"))
        let arguments = SSHCommand.tunnel(to: server, files, knownHosts: ["/k"], offering: .socket("/s")).arguments
        #expect(Set(arguments).isDisjoint(with: ["-p", "-l", "IdentitiesOnly=yes"]))
        #expect(!arguments.contains { $0.hasPrefix("IdentityFile") })
    }

    @Test("A question about the server goes over the connection that is there")
    func question() throws {
        let server = try #require(ServerAddress(host: "alias"))
        #expect(
            SSHCommand.testWritable("/s", server, files).arguments == [
                "-o", "ControlPath=/run/user/1/al/7-abc/control", "-o", "BatchMode=yes", "-o", "LogLevel=ERROR", "--",
                "alias", "test", "-w", "/s",
            ]
        )
    }

    @Test("The end is told to the master alone")
    func exit() throws {
        let server = try #require(ServerAddress(host: "alias"))
        #expect(
            SSHCommand.exit(server, files).arguments == [
                "-o", "ControlPath=/run/user/1/al/7-abc/control", "-O", "exit", "--", "alias",
            ]
        )
    }
}
