import Domain
import Testing

@Suite("Policies of agents")
struct PolicyTests {
    @Test(
        "a concurrency key is its template with the context's values",
        arguments: [
            ("{repo}#{number}", "acme/app#7"), ("{repo}", "acme/app"), ("{absent}", nil), ("{absent}{null}", nil),
            ("{absent}#{number}", "#7"), ("fixed", "fixed"), ("", nil), ("{{{number}}}", "{7}"), ("{{repo}}", "{repo}"),
            ("{labels}", #"["a","b"]"#), ("open {number", "open {number"), ("a}b", "a}b"), ("{draft}", "true"),
        ] as [(String, String?)]
    )
    func key(template: String, expected: String?) {
        let context: JSONValue = [
            "repo": "acme/app", "number": 7, "labels": ["a", "b"], "null": .null, "draft": true,
        ]
        #expect(ConcurrencyKey(template).value(in: context) == expected)
    }

    @Test("jitter is the same for one agent of one project and spreads agents and projects")
    func jitter() throws {
        let names = try (0..<200).map { try AgentName("agent-\($0)") }
        let first = names.map { ScheduleJitter.seconds(project: "p", agent: $0, within: 300) }
        #expect(first == names.map { ScheduleJitter.seconds(project: "p", agent: $0, within: 300) })
        #expect(first.allSatisfy { (0..<300).contains($0) })
        #expect(Set(first).count > 100)
        #expect(first != names.map { ScheduleJitter.seconds(project: "q", agent: $0, within: 300) })
        #expect(ScheduleJitter.seconds(project: "p", agent: names[0], within: 0) == 0)
        #expect(ScheduleJitter.seconds(project: "p", agent: names[0], within: 1) == 0)
    }

    @Test("the hash behind jitter never changes: a new version fires when the old one did")
    func stableJitter() throws {
        let agent = try AgentName("dev")
        #expect(ScheduleJitter.seconds(project: "0123456789ab", agent: agent, within: 3600) == 1361)
    }
}
