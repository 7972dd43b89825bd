import Domain
import Foundation
import Project
import Testing

@Suite("Environments")
struct EnvironmentFilesTests {
    private let project: TemporaryProject
    private let files: EnvironmentFiles

    init() throws {
        project = try TemporaryProject()
        files = EnvironmentFiles(home: project.home)
    }

    @Test(
        "A name that could lead elsewhere is refused before anything is read",
        arguments: ["../../x", "", ".x", "a/b", "ä", "-a"]
    )
    func badNames(name: String) throws {
        #expect(throws: Problem.self) { try files.path(of: name) }
        #expect(throws: Problem.self) { try files.maskedText(of: name) }
        let loaded = project.load(environment: name)
        #expect(loaded.problems.map(\.code) == (name.isEmpty ? [] : [.environmentBadName]))
    }

    @Test(
        "A skeleton is private, has its kind, is never overwritten, and is refused until it is filled in",
        arguments: EnvironmentSkeleton.allCases
    )
    func create(skeleton: EnvironmentSkeleton) throws {
        let path = try files.create("prod", skeleton)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(files.names == ["prod"])
        #expect(files.kind(of: "prod").rawValue == skeleton.rawValue)
        #expect(throws: ProjectError.self) { try files.create("prod", .server) }
        let problems = project.load(environment: "prod").problems
        #expect(problems.map(\.code) == (skeleton == .server ? [.serverInvalid] : [.cloudMissingKeys, .cloudProvider]))
        #expect(problems.first?.file == path)
    }

    @Test(
        "The kind is what the file says",
        arguments: [
            ("[server]\nhost = \"h\"\n", "server"), ("[cloud]\nprovider = \"ecs\"\n", "ecs"),
            ("[cloud]\nprovider = \"vps\"\n", "vps"),
            ("[gateway]\nport = 1\n", "unknown"), ("", "unknown"), ("[server]\n[cloud]\n", "invalid config"),
            ("server = 1\n", "invalid config"), ("a = = 1\n", "invalid config"),
            ("[cloud]\nprovider = \"x\"\n", "invalid config"),
            ("[cloud]\nprovider = \"server\"\n", "invalid config"),
            ("[cloud]\nprovider = \"unknown\"\n", "invalid config"),
        ]
    )
    func kinds(text: String, kind: String) throws {
        try project.write(text, to: "~/environments/e.toml")
        #expect(files.kind(of: "e").rawValue == kind)
    }

    @Test("A cloud section of provider vps names the server that runs agents, with ssh's usual user and port")
    func server() throws {
        try project.write("[cloud]\nprovider = \"vps\"\nhost = \"h.example\"\n", to: "~/environments/a.toml")
        #expect(
            project.load(environment: "a").config.server == ServerAddress(host: "h.example", user: "root", port: 22)
        )
        let whole = "host = \"h\"\nsshUser = \"me\"\nsshPort = 2222\nsshKeyPath = \"~/k\"\n"
        try project.write("[cloud]\nprovider = \"vps\"\n\(whole)", to: "~/environments/b.toml")
        let expected = ServerAddress(host: "h", user: "me", port: 2222, keyPath: "~/k")
        #expect(project.load(environment: "b").config.server == expected)
        #expect(project.load().config.server == nil)
    }

    @Test("What is empty or still to be filled in is not there", arguments: ["", "REPLACE_ME"])
    func unfilled(value: String) throws {
        let keys = "host = \"h\"\nsshUser = \"\(value)\"\nsshKeyPath = \"\(value)\"\n"
        try project.write("[cloud]\nprovider = \"vps\"\n\(keys)", to: "~/environments/e.toml")
        let loaded = project.load(environment: "e")
        #expect(loaded.problems == [])
        #expect(loaded.config.server == ServerAddress(host: "h", user: "root", port: 22))
    }

    @Test(
        "A server that is not there yet, or whose name could be an option of ssh, is refused",
        arguments: [
            ("host = \"PENDING\"", ProblemCode.serverInvalid), ("host = \"-oProxyCommand=x\"", .serverInvalid),
            ("host = \"h\"\nsshUser = \"a b\"", .serverInvalid), ("host = \"h\"\nsshPort = 0", .configBadType),
            ("host = \"REPLACE_ME\"", .cloudMissingKeys),
        ]
    )
    func badServer(keys: String, code: ProblemCode) throws {
        try project.write("[cloud]\nprovider = \"vps\"\n\(keys)\n", to: "~/environments/e.toml")
        let loaded = project.load(environment: "e")
        #expect(loaded.problems.map(\.code) == [code])
        #expect(loaded.config.server == nil)
    }

    @Test("Headers and passwords are masked, everything else stays as it is written")
    func masked() throws {
        let text = """
            # Telemetry of production.
            [telemetry]
            endpoint = "https://me:secret@otel.example.com/v1" # ours
            headers = { authorization = "Bearer abc", "x-team" = 'blue' }

            [model.headers]
            api-key = "k"   # rotate

            [state]
            url = "postgresql://al@db:5432/al"

            """
        try project.write(text, to: "~/environments/prod.toml")
        let shown = text.replacing("secret", with: "***").replacing("Bearer abc", with: "***")
            .replacing("'blue'", with: "\"***\"").replacing("\"k\"", with: "\"***\"")
        #expect(try files.maskedText(of: "prod") == shown)
    }

    @Test("Binding changes one key of .env.toml and unbinding takes it out again")
    func binding() throws {
        let text = "# mine\nprojectName = \"shop\" # not in git\n\n[gateway]\nport = 9000\n"
        try project.write(text, to: ".env.toml")
        let binding = EnvironmentBinding(project: project.path)
        #expect(binding.name == nil)
        try binding.set("prod")
        #expect(project.text(".env.toml") == text.replacing("git\n", with: "git\nenvironment = \"prod\"\n"))
        #expect(binding.name == "prod")
        try binding.set(nil)
        #expect(project.text(".env.toml") == text)
    }

    @Test("Binding a project without .env.toml makes one, unbinding it does not")
    func newBinding() throws {
        let binding = EnvironmentBinding(project: project.path)
        try binding.set(nil)
        #expect(project.text(".env.toml") == nil)
        try binding.set("prod")
        #expect(project.text(".env.toml") == "environment = \"prod\"\n")
    }
}
