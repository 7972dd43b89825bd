import Domain
import Project
import Testing

/// A change of a text and what becomes of it.
struct TOMLEdit: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let before: String
    let path: TOMLPath
    /// `null` removes.
    let value: JSONValue
    let after: String

    init(_ name: String, _ before: String, _ path: TOMLPath, _ value: JSONValue, _ after: String) {
        (testDescription, self.before, self.path, self.value, self.after) = (name, before, path, value, after)
    }
}

@Suite("Editing TOML in place")
struct TOMLEditorTests {
    private static let agent = """
        # What starts the agent.
        credentials = [ "github_token" ]   # its own account
        schedule = '0 * * * *' # hourly

        [model]   # cheaper
        provider = "openai"
        model = "gpt-4o"
        # thinkingLevel = "high"

        # Bugs.
        [[webhooks]]
        source = "hub"
        events = [
          "issues", # opened
          "issue_comment",
        ]

        # Reviews.
        [[webhooks]]
        source = "hub"

        """

    private static let cases: [TOMLEdit] = [
        .init(
            "a value is replaced where it stands",
            "a = 1\nb  =  'x'  # why\nc = 3\n",
            ["b"],
            "y",
            "a = 1\nb  =  \"y\"  # why\nc = 3\n"
        ),
        .init(
            "a key is added behind the last one of the root",
            "a = 1\n\n[t]\nx = 1\n",
            ["b"],
            true,
            "a = 1\nb = true\n\n[t]\nx = 1\n"
        ),
        .init("a root key goes above the first header and its comment", "# t\n[t]\n", ["b"], 2, "b = 2\n\n# t\n[t]\n"),
        .init("a key of a file of comments alone", "# nothing yet", ["b"], 2, "# nothing yet\nb = 2\n"),
        .init("a key of an empty file", "", ["b"], 2, "b = 2\n"),
        .init("a key of a table", "[t]\n  x = 1\n[u]\n", ["t", "y"], "z", "[t]\n  x = 1\n  y = \"z\"\n[u]\n"),
        .init("a key of an empty table", "[t]\n\n[u]\n", ["t", "y"], 1, "[t]\ny = 1\n\n[u]\n"),
        .init("a table that is not there", "a = 1", ["t", "y"], 1, "a = 1\n\n[t]\ny = 1\n"),
        .init("tables inside of tables", "a = 1\n", ["t", "u", "y"], 1, "a = 1\n\n[t.u]\ny = 1\n"),
        .init(
            "a table known by its subtables alone",
            "# u\n[t.u]\nx = 1\n",
            ["t", "y"],
            1,
            "[t]\ny = 1\n\n# u\n[t.u]\nx = 1\n"
        ),
        .init(
            "a subtable stands with its parent",
            "[t]\nx = 1\n# y = 2\n\n[u]\n",
            ["t", "v"],
            ["z": 1],
            "[t]\nx = 1\n# y = 2\n\n[t.v]\nz = 1\n\n[u]\n"
        ),
        .init("a dotted key beside dotted keys", "a.b = 1\nc = 2\n", ["a", "d"], 3, "a.b = 1\na.d = 3\nc = 2\n"),
        .init("a member of an inline table", "p = { x = 1 } # p\n", ["p", "y"], 2, "p = { x = 1, y = 2 } # p\n"),
        .init("the first member of an inline table", "p = {}\n", ["p", "y"], 2, "p = { y = 2 }\n"),
        .init("a member of an inline table goes", "p = { x = 1, y = 2 }\n", ["p", "x"], .null, "p = { y = 2 }\n"),
        .init(
            "the last member of an inline table goes",
            "p = { x = 1, y = 2 }\n",
            ["p", "y"],
            .null,
            "p = { x = 1 }\n"
        ),
        .init("a list on one line", "l = [\"a\",  \"b\"]\n", ["l"], ["a", "c", "d"], "l = [\"a\", \"c\", \"d\"]\n"),
        .init("an element goes", "l = [ \"a\", \"b\", \"c\" ]\n", ["l"], ["a", "c"], "l = [ \"a\", \"c\" ]\n"),
        .init("the last element goes", "l = [ \"a\", \"b\" ]\n", ["l", 1], .null, "l = [ \"a\" ]\n"),
        .init("the only element goes", "l = [ \"a\" ]\n", ["l", 0], .null, "l = [  ]\n"),
        .init("a list becomes empty", "l = [ \"a\" ] # l\n", ["l"], [], "l = [] # l\n"),
        .init("the first element of an empty list", "l = []\n", ["l", 0], "a", "l = [\"a\"]\n"),
        .init(
            "an element of a tall list keeps comments apart",
            "l = [\n  \"a\", # first\n  \"b\" # last\n]\n",
            ["l"],
            ["a", "x", "b", "c"],
            "l = [\n  \"a\", # first\n  \"x\",\n  \"b\", # last\n  \"c\"\n]\n"
        ),
        .init(
            "an element of a tall list goes with its line",
            "l = [\n  \"a\", # first\n  \"b\", # second\n  \"c\",\n]\n",
            ["l"],
            ["a", "c"],
            "l = [\n  \"a\", # first\n  \"c\",\n]\n"
        ),
        .init("a scalar becomes a table", "a = 1\nb = 2\n", ["a"], ["x": 1], "b = 2\n\n[a]\nx = 1\n"),
        .init("a table becomes a scalar", "[a]\nx = 1\n", ["a"], 1, "a = 1\n"),
        .init("an empty list becomes tables", "w = []\n", ["w"], [["s": "x"]], "[[w]]\ns = \"x\"\n"),
        .init("a key goes with its line", "a = 1\n# b\nb = 2 # two\nc = 3\n", ["b"], .null, "a = 1\n# b\nc = 3\n"),
        .init("a table goes with its blank line", "a = 1\n\n[t]\nx = 1\n\n[u]\n", ["t"], .null, "a = 1\n\n[u]\n"),
        .init("the last table goes", "a = 1\n\n[t]\nx = 1\n[t.u]\ny = 1\n", ["t"], .null, "a = 1\n"),
        .init("what is not there stays away", "a = 1\n", ["b", "c"], .null, "a = 1\n"),
        .init(
            "line breaks of Windows stay",
            "a = 1\r\n[t]\r\nx = 1\r\n",
            ["t", "y"],
            2,
            "a = 1\r\n[t]\r\nx = 1\r\ny = 2\r\n"
        ),
        .init("a quoted key", "\"a b\".c = 1\n", ["a b", "c"], 2, "\"a b\".c = 2\n"),
        .init("text that needs escapes", "", ["a"], "\"\\\n\u{1b}é", "a = \"\\\"\\\\\\n\\u001bé\"\n"),
        .init(
            "a table of headers with quoted names",
            "",
            ["webhooks", "my source", "type"],
            "test",
            "[webhooks.\"my source\"]\ntype = \"test\"\n"
        ),
    ]

    @Test("Only what changes is touched", arguments: cases)
    func edit(edit: TOMLEdit) throws {
        var editor = try TOMLEditor(edit.before, file: "f")
        try editor.set(edit.path, to: edit.value)
        #expect(editor.text == edit.after)
        #expect(editor.value(at: edit.path) == (edit.value == .null ? nil : edit.value))
    }

    @Test("Changing an agent's schedule leaves every comment")
    func schedule() throws {
        var editor = try TOMLEditor(Self.agent, file: "f")
        try editor.set(["schedule"], to: "*/5 * * * *")
        #expect(editor.text == Self.agent.replacing("'0 * * * *'", with: "\"*/5 * * * *\""))
    }

    @Test("A list of triggers is changed trigger by trigger")
    func triggers() throws {
        var editor = try TOMLEditor(Self.agent, file: "f")
        let new: JSONValue = [
            ["source": "hub", "events": ["issues", "issue_comment"]], ["source": "hub"],
            ["source": "chat", "channels": ["C1"]],
        ]
        try editor.set(["webhooks"], to: new)
        #expect(editor.text == Self.agent + "\n[[webhooks]]\nsource = \"chat\"\nchannels = [\"C1\"]\n")
        try editor.remove(["webhooks", 0])
        try editor.set(["webhooks", 0, "labels"], to: ["a"])
        let tail = try #require(editor.text.firstRange(of: "# Bugs."))
        #expect(
            editor.text[tail.lowerBound...] == """
                # Bugs.

                # Reviews.
                [[webhooks]]
                source = "hub"
                labels = ["a"]

                [[webhooks]]
                source = "chat"
                channels = ["C1"]

                """
        )
    }

    @Test("The same values, in whatever order and notation, are the same bytes")
    func unchanged() throws {
        var editor = try TOMLEditor(Self.agent, file: "f")
        try editor.set(["model"], to: ["model": "gpt-4o", "provider": "openai"])
        try editor.set(["schedule"], to: "0 * * * *")
        try editor.set(["credentials"], to: ["github_token"])
        try editor.remove(["params"])
        #expect(editor.text == Self.agent)
    }

    @Test("What cannot be edited is refused and nothing changes")
    func refused() throws {
        var editor = try TOMLEditor("a = 1\n[[w]]\nx = 1\n", file: "f")
        #expect(throws: Problem.self) { try editor.set(["a", "b"], to: 1) }
        #expect(throws: Problem.self) { try editor.set(["w", 5], to: ["x": 1]) }
        #expect(editor.text == "a = 1\n[[w]]\nx = 1\n")
        #expect(throws: Problem.self) { try TOMLEditor("a = = 1", file: "f") }
    }
}
