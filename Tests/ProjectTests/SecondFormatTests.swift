import Domain
import Foundation
import Project
import Testing

@Suite("The second format: SKILL.md beside config.toml")
struct SecondFormatTests {
    private let loaded: LoadedProject

    init() {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/Sound/second-format")
        loaded = ProjectLoader(home: folder.appending(path: "home").path).load(folder.path)
    }

    @Test("Every mixture of the two formats and the two layouts is read without a problem")
    func sound() {
        #expect(loaded.problems.map(\.description) == [])
        #expect(loaded.agents.map(\.name.rawValue) == ["both", "dev", "legacy", "mixed"])
        #expect(loaded.hints.count == 1)
    }

    @Test("The front matter gives the description, the body the instructions; agent-config.toml and ACTIONS.md win")
    func contents() throws {
        let descriptions = loaded.agents.map(\.description)
        #expect(descriptions == [nil, "Fixes bugs and writes tests.", nil, "From the file"])
        let instructions = loaded.agents.map(\.instructions)
        #expect(
            instructions == [
                "The instructions.\n", "\n# Dev\n\nFix the bug.\n", "No front matter at all.\n", "Mixed.\n",
            ]
        )
        let dev = try #require(loaded.agents.first { $0.name.rawValue == "dev" })
        #expect(dev.scale == 2)
        #expect(dev.model.model == "script.yaml")
        #expect(dev.fallbackModels.map(\.model) == ["spare.yaml"])
        #expect(dev.params == ["org": "acme"])
    }
}
