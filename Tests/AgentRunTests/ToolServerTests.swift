import Domain
import Foundation
import TestSupport
import Testing

@testable import AgentRun

@Suite(
    "Tool servers of a run",
    .timeLimit(.minutes(5)),
    .enabled(if: WordServer.isPossible, "python3")
)
struct ToolServerTests {
    @Test("The model may call them; values come from the run's variables and secrets stay hidden")
    func used() async throws {
        let fixture = try RunFixture(
            script:
                "turns:\n  - calls: [ mcp__words__word: {} ]\n  - expect: \"<[redacted:github_token.token]>\"\n    text: Done.\n",
            config: [
                "credentials": ["github_token"],
                "mcp": [
                    [
                        "name": "words", "command": .array(WordServer.command.map(JSONValue.string)),
                        "env": ["WORD": "<${GITHUB_TOKEN}>"],
                    ]
                ],
            ]
        )
        defer { fixture.clean() }
        try fixture.credential("github_token", "token", "ghp_0123456789abcdef")
        #expect(await fixture.run() == 0, "\(fixture.sink.lines.suffix(4))")
        let tools = fixture.transcript.first?["tools"]?.arrayValue?.compactMap { $0["name"]?.stringValue }
        #expect(tools?.last == "mcp__words__word")
    }

    @Test("One that does not start fails the run if it is required, else it is left out", arguments: [true, false])
    func broken(_ isRequired: Bool) async throws {
        let fixture = try RunFixture(
            script: "turns: [ { text: Done. } ]\n",
            config: ["mcp": [["name": "none", "command": ["/nowhere/at/all"], "required": .bool(isRequired)]]]
        )
        defer { fixture.clean() }
        #expect(await fixture.run() == (isRequired ? 1 : 0))
        if isRequired {
            #expect(fixture.sink.entry("container entry error")?["error"]?.stringValue?.contains("none") == true)
        } else {
            #expect(fixture.sink.entry("tool server left out")?["server"] == "none")
        }
    }
}
