import Domain
import Foundation
import Testing

@testable import AgentRun

@Suite("A run without a network") struct SealTests {
    private static let environment = [
        "AL_EGRESS_SOCKET": "/run/al/egress/proxy", "SHUTDOWN_SECRET": "s3", "GATEWAY_URL": "http://gateway:8080",
        "AL_RUNTIME": "sandbox",
    ]

    @Test("Programs are led to the proxy with the run's token, and past it to the gateway and to loopback")
    func variables() throws {
        let seal = try #require(Seal(Self.environment))
        #expect(seal.gatewayPort == 8080)
        let variables = seal.variables(proxyPort: 4711)
        for name in ["HTTP_PROXY", "https_proxy", "ALL_PROXY"] {
            #expect(variables[name] == "http://run:s3@127.0.0.1:4711")
        }
        let settings = ProxySettings(variables.merging(Self.environment) { $1 })
        let server = try #require(settings.server(for: "https://api.github.com/"))
        #expect(server.port == 4711 && server.login?.password == "s3")
        #expect(settings.server(for: "http://gateway:11434/v1") == nil)
        #expect(settings.server(for: "http://localhost:3000/") == nil)
    }

    @Test("Programs believe those whom the machine believes, and the run's own authority")
    func certificates() throws {
        let directory = NSTemporaryDirectory() + "tc-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let machine = directory + "/machine.pem"
        try Data("machine".utf8).write(to: URL(filePath: machine))
        #expect(try TrustedCertificates.variables(["SSL_CERT_FILE": machine], directory: directory).isEmpty)
        let environment = ["SSL_CERT_FILE": machine, "AL_BROKER_CA": Data("own\n".utf8).base64EncodedString()]
        let variables = try TrustedCertificates.variables(environment, directory: directory)
        #expect(Set(variables.values) == [directory + "/certificates.pem"])
        #expect(Set(variables.keys).isSuperset(of: ["SSL_CERT_FILE", "GIT_SSL_CAINFO", "CURL_CA_BUNDLE"]))
        #expect(try String(contentsOfFile: directory + "/certificates.pem", encoding: .utf8) == "machine\nown\n")
        #expect(ToolEnvironment(environment, home: "/h", commands: nil, signals: "/s").variables["AL_BROKER_CA"] == nil)
    }

    @Test("Without a socket there is no seal", arguments: [[:], ["AL_EGRESS_SOCKET": ""]] as [[String: String]])
    func open(environment: [String: String]) { #expect(Seal(environment) == nil) }

    @Test("git over ssh goes through the proxy, in one word of its command")
    func ssh() throws {
        var tools = ToolEnvironment([:], home: "/h", commands: "/app/bin", signals: "/s")
        tools.configureGitSSH(key: "/k", knownHosts: "/n", proxyCommand: "/app/bin/al _connect %h %p")
        let command = try #require(tools.variables["GIT_SSH_COMMAND"])
        #expect(command.hasSuffix(" -o 'ProxyCommand=/app/bin/al _connect %h %p'"))
    }

    /// This machine has a network, so the cage that the run was promised is open.
    @Test("A run whose cage is open ends before it sees a credential or asks the model anything")
    func openCage() async throws {
        var fixture = try RunFixture(script: "turns: [ { text: never } ]")
        defer { fixture.clean() }
        fixture.environment.merge(Self.environment) { $1 }
        fixture.environment["GATEWAY_URL"] = nil
        #expect(await fixture.run() == 1)
        let messages = fixture.sink.entries.compactMap { $0["msg"]?.stringValue }
        #expect(!messages.contains("creating agent session"))
        #expect(!messages.contains { $0.hasPrefix("credentials loaded") })
        let error = fixture.sink.entries.first { $0["msg"] == "container entry error" }?["error"]?.stringValue ?? ""
        for part in ["agent dev", "the cage is open (sandbox)", "al doctor"] {
            #expect(error.contains(part), "\(error)")
        }
    }
}
