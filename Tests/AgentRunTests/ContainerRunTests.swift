import Domain
import Foundation
import Testing

@testable import AgentRun

@Suite("A run in a container")
struct ContainerRunTests {
    private func fixture(_ script: String = RunTests.simple) throws -> RunFixture { try RunFixture(script: script) }

    @Test("It takes everything from the files of its image")
    func baked() async throws {
        var fixture = try fixture()
        defer { fixture.clean() }
        try fixture.bake()
        #expect(await fixture.run() == 0)
        #expect(fixture.sink.entries.first?["msg"] == "loaded static files from image")
        let session = try #require(fixture.transcript.first)
        #expect(session["system"]?.stringValue?.hasPrefix("Baked instructions.") == true)
        let prompt = try #require(fixture.transcript.dropFirst().first?.compactText)
        #expect(prompt.contains("<agent-config>") && prompt.contains("Go"))
        // A container's own places are named with their sizes.
        #expect(prompt.contains(fixture.root + "/work"))
        #expect(try String(contentsOfFile: fixture.root + "/work/out.txt", encoding: .utf8) == "hello\n")
    }

    @Test("A prepared prompt is used as it stands, with the trigger behind it")
    func skeleton() async throws {
        var fixture = try fixture()
        defer { fixture.clean() }
        try fixture.bake(skeleton: "PREPARED")
        #expect(await fixture.run() == 0)
        let prompt = try #require(fixture.transcript.dropFirst().first?.compactText)
        #expect(prompt.contains("PREPARED\\n\\n"))
        #expect(!prompt.contains("<agent-config>"))
    }

    @Test("The image's timeout counts, not the variable")
    func timeout() async throws {
        var fixture = try fixture("turns:\n  - calls: [ bash: \"sleep 300\" ]\n  - text: Never.\n")
        defer { fixture.clean() }
        try fixture.bake(timeout: 1)
        fixture.environment["TIMEOUT_SECONDS"] = "3600"
        #expect(await fixture.run() == 124)
    }

    @Test("What may be secret comes in a variable that tools do not see, and is hidden where it is printed")
    func secretHeaders() async throws {
        let script = """
            turns:
              - calls: [ bash: "echo $AGENT_CONFIG; echo key-0123456789" ]
              - expect: { lacks: key-0123456789, contains: "[redacted:config.X-Api-Key]" }
                text: Done.
            """
        var config: JSONValue = [
            "model": ["provider": "scripted", "model": "script.yaml", "headers": ["X-Api-Key": "***"]]
        ]
        var fixture = try RunFixture(script: script, config: config)
        defer { fixture.clean() }
        try fixture.bake()
        config["name"] = "dev"
        config["model"] = [
            "provider": "scripted", "model": "script.yaml", "headers": ["X-Api-Key": "key-0123456789"],
        ]
        fixture.environment["AGENT_CONFIG"] = config.compactText
        #expect(await fixture.run() == 0)
        #expect(fixture.transcript.first?["system"]?.stringValue?.hasPrefix("Baked instructions.") == true)
        #expect(!fixture.sink.lines.contains { $0.contains("key-0123456789") })
    }

    @Test("A broken file of the image is named")
    func broken() async throws {
        var fixture = try fixture()
        defer { fixture.clean() }
        try fixture.bake()
        let path = fixture.root + "/static/agent-config.json"
        try "{".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(await fixture.run() == 1)
        #expect(fixture.sink.entry("container entry error")?["error"]?.stringValue?.contains(path) == true)
    }
}
