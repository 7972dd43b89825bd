import Domain
import Testing

@testable import Runtimes

@Suite("Call of bubblewrap")
struct SandboxArgumentsTests {
    private let directory: RunDirectory

    init() throws {
        directory = RunDirectory(
            instance: InstanceID(agent: try AgentName("dev"), run: RunID(bits: 1)),
            project: ProjectDirectory(id: ProjectID(rawValue: "0123456789ab"), path: "/project")
        )
    }

    private func arguments(hasNetwork: Bool, hasFilter: Bool = true) -> SandboxArguments {
        SandboxArguments(
            bubblewrap: "/usr/bin/bwrap",
            system: ["--ro-bind-try", "/usr", "/usr"],
            executablePath: "/opt/al",
            limits: LocalSettings(),
            directory: directory,
            copies: SandboxArguments.copies(in: directory, hasNetwork: hasNetwork) { $0.hasSuffix("s") },
            hasFilter: hasFilter,
            egressDirectory: hasNetwork ? nil : "/egress"
        )
    }

    @Test("A machine whose /bin is a link into /usr has the same link inside; directories are mounted")
    func system() {
        let links = ["/bin": "usr/bin", "/lib": "/usr/lib", "/sbin": "elsewhere/sbin"]
        #expect(
            SandboxArguments.system { links[$0] } == [
                "--ro-bind-try", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--ro-bind-try", "/sbin", "/sbin",
                "--symlink", "/usr/lib", "/lib", "--ro-bind-try", "/lib32", "/lib32", "--ro-bind-try", "/lib64",
                "/lib64",
            ]
        )
    }

    @Test("Files are copied from descriptors in the order in which they are to be opened, the filter's last")
    func files() throws {
        let arguments = arguments(hasNetwork: true)
        let own = "/project/.al/runs/dev-00000001"
        #expect(
            arguments.files == [
                "\(own)/passwd", "\(own)/group", "/etc/protocols", "/etc/services", "/etc/ssh/ssh_known_hosts",
                "/etc/hosts",
                "\(own)/seccomp",
            ]
        )
        let vector = arguments.vector(agent: "dev", firstFile: 10)
        let numbers = vector.indices.filter { vector[$0] == "--file" }.map { Array(vector[$0 - 2...$0 + 2]) }
        #expect(numbers.map { $0[0...2] } == Array(repeating: ["--perms", "0444", "--file"], count: 6))
        #expect(numbers.map { $0[3] } == ["10", "11", "12", "13", "14", "15"])
        #expect(numbers.map { $0[4] }.first == "/etc/passwd" && numbers.map { $0[4] }.last == "/etc/hosts")
        let filter = try #require(vector.firstIndex(of: "--seccomp"))
        #expect(vector[filter + 1] == "16")
    }

    @Test("A run without a network has its own /etc/hosts, and nothing of the machine's names")
    func sealed() {
        let arguments = arguments(hasNetwork: false, hasFilter: false)
        #expect(arguments.copies.filter { $0.place == "/etc/hosts" }.map(\.source) == ["\(directory.path)/hosts"])
        #expect(!arguments.files.contains("/etc/resolv.conf") && !arguments.files.contains(directory.filter))
        #expect(!arguments.vector(agent: "dev", firstFile: 10).contains("--seccomp"))
    }

    @Test("No directory in which systems keep private keys is mounted")
    func privateKeys() {
        let places = ["ssh", "ssl", "ssl/private", "pki", "pki/tls", "pki/tls/private"]
        #expect(SandboxArguments.systemDirectories.allSatisfy { !places.contains($0) })
    }

    @Test("A process joins a group of the newer version by cgroup.procs, of the older by each tasks")
    func groups() {
        #expect(ControlGroup(directories: ["/c/al"]).joinFiles == ["/c/al/cgroup.procs"])
        let older = ControlGroup(directories: ["/c/cpu/al", "/c/pids/al"])
        #expect(older.joinFiles == ["/c/cpu/al/tasks", "/c/pids/al/tasks"])
    }
}
