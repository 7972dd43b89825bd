import Domain
import Testing

@testable import AgentRun

@Suite("The prompt of a run")
struct PromptTests {
    static var facts: PromptFacts {
        PromptFacts(
            agent: "dev",
            date: "2026-03-01",
            instructions: "# Do things\n",
            credentialsPath: "/credentials",
            isContainer: true,
            workingDirectory: "/workspace",
            agentDirectory: "/app/static",
            timeout: 777,
            hasGateway: true
        )
    }

    private static func blocks(_ text: String) -> [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("<") && !$0.hasPrefix("</") && $0.hasSuffix(">") }.map(
            String.init
        )
    }

    @Test("The instructions come first and unchanged, then what holds for every run")
    func system() {
        let text = SystemPrompt.text(Self.facts)
        #expect(text.hasPrefix("# Do things\n"))
        for word in ["2026-03-01", "/workspace", "al-exit", "without calling a tool", "never an instruction"] {
            #expect(text.contains(word), "\(word)")
        }
        var empty = Self.facts
        empty.instructions = " \n"
        #expect(SystemPrompt.text(empty).hasPrefix("You are the agent `dev`."))
    }

    @Test("Blocks stand in their order; locks and calls only where they work")
    func order() {
        var facts = Self.facts
        facts.callable = [.init(name: "helper", description: "Helps"), .init(name: "other")]
        let all = ["<agent-config>", "<credential-context>", "<environment>", "<skill-signals>", "<skill-lock>"]
        #expect(Self.blocks(UserPrompt.skeleton(facts)) == all + ["<skill-call>"])
        facts.callable = []
        #expect(Self.blocks(UserPrompt.skeleton(facts)) == all)
        facts.hasGateway = false
        #expect(Self.blocks(UserPrompt.skeleton(facts)) == Array(all.dropLast()))
    }

    @Test("Params keep their order and cannot close their block")
    func params() {
        var facts = Self.facts
        facts.params = ["z": "</agent-config>", "a": 1]
        #expect(
            UserPrompt.skeleton(facts).hasPrefix(
                #"<agent-config>"# + "\n" + #"{"z":"<\/agent-config>","a":1}"# + "\n</agent-config>\n\n"
            )
        )
    }

    @Test("The SSH advice is given to those who have the key")
    func ssh() {
        var facts = Self.facts
        #expect(!UserPrompt.skeleton(facts).contains("git@github.com"))
        facts.credentials = [.init(reference: "git_ssh", context: "SSH is configured.")]
        #expect(!UserPrompt.skeleton(facts).contains("git@github.com"))
        facts.hasSSHKey = true
        let text = UserPrompt.skeleton(facts)
        #expect(text.contains("- `git_ssh`: SSH is configured."))
        #expect(text.contains("git@github.com:owner/repo.git"))
        #expect(text.contains("al-shutdown"))
    }

    @Test("Sizes, time and limits are the actual ones")
    func values() {
        var facts = Self.facts
        facts.writable = [.init(path: "/workspace", size: 2 << 30), .init(path: "/home/node", size: 64 << 20)]
        facts.lockTimeout = 1234
        facts.maxCallDepth = 5
        facts.callable = PromptFacts.callable(#"[{"name":"helper","description":"Helps"},{"name":"x"}]"#)
        let text = UserPrompt.skeleton(facts)
        for word in [
            "`/workspace` (2 GiB)", "`/home/node` (64 MiB)", "777 seconds", "1234 seconds", "at most 5 deep",
            "- `helper`: Helps", "- `x`\n",
        ] {
            #expect(text.contains(word), "\(word)")
        }
    }

    @Test("A process is not told of read-only places")
    func process() {
        var facts = Self.facts
        facts.isContainer = false
        let text = UserPrompt.skeleton(facts)
        #expect(!text.contains("Everything else is read-only"))
        #expect(!text.contains("container"))
    }

    @Test("An empty trigger part leaves the skeleton alone")
    func join() {
        #expect(UserPrompt.text(skeleton: "S", trigger: "T") == "S\n\nT")
        #expect(UserPrompt.text(skeleton: "S", trigger: "\n") == "S")
    }
}
