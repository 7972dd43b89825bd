import Domain
import Foundation
import Testing

@testable import AgentRun

@Suite("Skills")
struct SkillTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var text: String
        var name: String
        var description: String?
        var testDescription: String { text }
    }

    @Test(
        "Name and description stand in the front matter; without one the directory's name does",
        arguments: [
            Case(text: "---\nname: pdf\ndescription: Reads PDFs\n---\nText", name: "pdf", description: "Reads PDFs"),
            Case(
                text: "---\r\nname: pdf\r\ndescription: >\r\n  Two\r\n  lines\r\n---\r\n",
                name: "pdf",
                description: "Two lines"
            ),
            Case(text: "---\ndescription: only this\nextra: { a: 1 }\n---\n", name: "dir", description: "only this"),
            Case(text: "---\nname: [broken\n---\n", name: "dir"), Case(text: "---\nname: open", name: "dir"),
            Case(text: "# No front matter", name: "dir"), Case(text: "", name: "dir"),
            Case(text: "---\nname: ''\ndescription: ' '\n---\n", name: "dir"),
        ]
    )
    func frontMatter(_ example: Case) {
        let skill = Skill(parsing: example.text, directory: "dir", path: "/s/dir/SKILL.md")
        #expect(skill.name == example.name)
        #expect(skill.description == example.description)
    }

    @Test("A description is cut at 1024 characters", arguments: [1024, 1025])
    func length(_ count: Int) {
        let text = "---\ndescription: \(String(repeating: "é", count: count))\n---\n"
        #expect(Skill(parsing: text, directory: "d", path: "p").description?.count == 1024)
    }

    @Test("The model is told of each skill and where it stands")
    func listed() async throws {
        let fixture = try RunFixture(
            script: """
                turns:
                  - text: Done.
                """
        )
        defer { fixture.clean() }
        for (name, text) in [("zeta", "no front matter"), ("alpha", "---\nname: first\ndescription: Does it\n---\n")] {
            let directory = fixture.root + "/agent/skills/\(name)"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try text.write(toFile: directory + "/SKILL.md", atomically: true, encoding: .utf8)
        }
        try FileManager.default.createDirectory(
            atPath: fixture.root + "/agent/skills/empty",
            withIntermediateDirectories: true
        )
        #expect(await fixture.run() == 0)
        let system = try #require(fixture.transcript.first?["system"]?.stringValue)
        let path = fixture.root + "/agent/skills"
        #expect(
            system.hasSuffix("  - first: Does it (`\(path)/alpha/SKILL.md`)\n  - zeta (`\(path)/zeta/SKILL.md`)"),
            "\(system.suffix(400))"
        )
    }

    @Test("Without skills nothing is said of them")
    func none() {
        #expect(!SystemPrompt.text(PromptTests.facts).contains("skill"))
    }
}
