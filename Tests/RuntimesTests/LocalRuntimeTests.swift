import Domain
import Foundation
import Testing

@testable import Runtimes

@Suite("Host runtime")
struct HostRuntimeTests {
    private let directory: TemporaryDirectory
    private let project: ProjectDirectory

    init() throws {
        directory = try TemporaryDirectory()
        project = ProjectDirectory(id: ProjectID(rawValue: "0123456789ab"), path: directory.path)
    }

    private func world() throws -> RuntimeWorld {
        let executable = try directory.writeProgram("al", RuntimeConformance.standIn)
        let project = project
        let make: @Sendable () -> HostRuntime = {
            HostRuntime(
                project: project,
                executablePath: executable,
                inherited: ["PATH": "/usr/bin:/bin", "LEAK": "secret", "https_proxy": "http://proxy:1"],
                clock: ContinuousClock(),
                configurationText: { "{\"name\":\"\($0.name)\"}" }
            )
        }
        return RuntimeWorld(
            runtime: make(),
            make: make,
            project: project,
            image: nil,
            unknownHandle: "pid:4194300:1:\(ProcessIdentity.currentBootID)"
        )
    }

    @Test("Keeps the promises of every runtime", arguments: RuntimeConformance.allCases)
    func conforms(check: RuntimeConformance) async throws { try await check.check(world()) }

    @Test("Of the scheduler's environment a run gets the proxies, and nothing that was not meant for it")
    func proxies() async throws {
        let world = try world()
        let handle = try await world.runtime.launch(try world.launch("echo \"$https_proxy$LEAK $NO_PROXY\""))
        #expect(try await world.follow(handle, from: nil).map(\.text) == ["http://proxy:1 localhost,127.0.0.1"])
        try await world.finish(handle)
    }

    @Test("The run has its own session, directories that only the owner can enter, and no core dumps")
    func surroundings() async throws {
        let world = try world()
        let launch = try world.launch(
            "cut -d' ' -f1,6 /proc/$$/stat; ulimit -c; pwd; echo $AGENT_CONFIG; readlink /proc/self/fd/0"
        )
        let handle = try await world.runtime.launch(launch)
        let lines = try await world.follow(handle, from: nil).map(\.text)
        let ids = lines.first?.split(separator: " ") ?? []
        #expect(ids.count == 2 && ids.first == ids.last)
        let run = RunDirectory(instance: launch.instance, project: project)
        #expect(lines.dropFirst() == ["0", run.work, #"{"name":"dev"}"#, "/dev/null"])
        for path in [run.path, run.work, run.home, run.signals] {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o700)
        }
        let mode = try FileManager.default.attributesOfItem(atPath: run.output)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
        try await world.finish(handle)
    }

    @Test("The operator's certificates are a run's too, and what it makes others can read, as in a container")
    func surroundingsOfTools() async throws {
        let executable = try directory.writeProgram("al", RuntimeConformance.standIn)
        let runtime = HostRuntime(
            project: project,
            executablePath: executable,
            inherited: ["PATH": "/usr/bin:/bin", "SSL_CERT_FILE": "/c.pem"],
            clock: ContinuousClock(),
            configurationText: { _ in "{}" }
        )
        let world = RuntimeWorld(runtime: runtime, make: { runtime }, project: project, unknownHandle: "")
        OpenFileLimit.raise()
        let launch = try world.launch(
            "echo $SSL_CERT_FILE; umask; ls -d $AL_CREDENTIALS_PATH 2>/dev/null || echo none; ulimit -n"
        )
        let handle = try await runtime.launch(launch)
        let expected = ["/c.pem", "0022", "none", OpenFileLimit.inherited]
        #expect(try await world.follow(handle, from: nil).map(\.text) == expected)
        try await world.finish(handle)
    }

    @Test("A run that prints without a pause keeps nobody from ending it", .timeLimit(.minutes(2)))
    func endlessOutput() async throws {
        let world = try world()
        let handle = try await world.runtime.launch(world.launch("exec yes $(head -c 4000 /dev/zero | tr '\\0' x)"))
        let runtime: any Runtime = world.runtime
        let kill = Attendant()
        let (heard, ear) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await kill.follow(handle, of: runtime) { ear.yield() } }
            group.addTask {
                // Only once lines have come does this actor get a word in.
                for await _ in heard { break }
                try await kill.kill(handle, of: runtime)
            }
            try await group.waitForAll()
        }
        #expect(try await runtime.wait(for: handle).code == 137)
        try await world.finish(handle)
    }

    /// Follows and ends runs as the scheduler does: all of it on one actor.
    private actor Attendant {
        func follow(_ handle: RunHandle, of runtime: any Runtime, _ onLine: @escaping @Sendable () -> Void) async throws
        {
            try await runtime.follow(handle, from: nil) { _ in onLine() }
        }

        func kill(_ handle: RunHandle, of runtime: any Runtime) async throws {
            try await runtime.kill(handle, grace: .zero)
        }
    }

    @Test("What a run leaves behind when it is ended from outside goes with it, write-protected or not")
    func remnants() async throws {
        let world = try world()
        let launch = try world.launch(
            "mkdir -p $HOME/cache/a && touch $HOME/cache/a/b && chmod -R a-w $HOME/cache; setsid sleep 600 & echo $!; wait"
        )
        let handle = try await world.runtime.launch(launch)
        let (lines, ear) = AsyncStream.makeStream(of: String.self)
        let follower = Task { try await world.runtime.follow(handle, from: nil) { ear.yield($0.text) } }
        var texts = lines.makeAsyncIterator()
        let tool = try #require((await texts.next()).flatMap { Int32($0) })
        let process = try #require(ProcessIdentity(handle))
        kill(process.pid, SIGKILL)
        #expect(try await world.runtime.wait(for: handle).code == 137)
        try await follower.value
        #expect(ProcessStat.pids(withVariable: "AL_INSTANCE_ID=\(launch.instance)") == [tool])
        try await world.runtime.remove(handle)
        #expect(ProcessStat.pids(withVariable: "AL_INSTANCE_ID=\(launch.instance)") == [])
        #expect(!FileManager.default.fileExists(atPath: RunDirectory(instance: launch.instance, project: project).path))
    }

    @Test("Directories of launches that were cut off go with the next start")
    func sweeps() async throws {
        let world = try world()
        let launch = try world.launch("true")
        let run = RunDirectory(instance: launch.instance, project: project)
        #expect(try run.create())
        _ = try await world.runtime.prepare(project: project.id)
        #expect(!FileManager.default.fileExists(atPath: run.path))
    }

    @Test("A run adopted without a result line ended in a way nobody knows")
    func vanished() async throws {
        let world = try world()
        let handle = try await world.runtime.launch(world.launch("exit 3"))
        #expect(try await world.make().wait(for: handle) == RunEnd(code: nil, cause: .vanished))
        #expect(try await world.runtime.wait(for: handle).code == 3)
        try await world.finish(handle)
    }

    @Test("A launch that was cut off before its process began is started anew")
    func cutOffLaunch() async throws {
        let world = try world()
        let launch = try world.launch("echo fresh")
        #expect(try RunDirectory(instance: launch.instance, project: project).create())
        let handle = try await world.runtime.launch(launch)
        #expect(try await world.follow(handle, from: nil).map(\.text) == ["fresh"])
        try await world.finish(handle)
    }
}

@Suite("Sandbox runtime", .enabled(if: TestEnvironment.hasBubblewrap, "bwrap is not installed"))
struct SandboxRuntimeTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func world() async throws -> RuntimeWorld {
        let executable = try directory.writeProgram("al", RuntimeConformance.standIn)
        let project = ProjectDirectory(id: ProjectID(rawValue: "0123456789ab"), path: directory.path)
        let make: @Sendable () async throws -> SandboxRuntime = {
            try await SandboxRuntime(
                project: project,
                executablePath: executable,
                inherited: ["PATH": "/usr/bin:/bin", "LEAK": "secret"],
                clock: ContinuousClock(),
                staticFiles: { ["ACTIONS.md": Array("act as \($0.name)".utf8)] }
            )
        }
        return RuntimeWorld(
            runtime: try await make(),
            make: make,
            project: project,
            image: nil,
            unknownHandle: "pid:4194300:1:\(ProcessIdentity.currentBootID)"
        )
    }

    @Test("Keeps the promises of every runtime", arguments: RuntimeConformance.allCases)
    func conforms(check: RuntimeConformance) async throws { try await check.check(try await world()) }

    @Test("The operator's certificates are a run's too")
    func certificates() async throws {
        let executable = try directory.writeProgram("al", RuntimeConformance.standIn)
        let project = ProjectDirectory(id: ProjectID(rawValue: "0123456789ab"), path: directory.path)
        let certificates = try directory.write("ca.pem", "believed")
        let runtime = try await SandboxRuntime(
            project: project,
            executablePath: executable,
            inherited: ["PATH": "/usr/bin:/bin", "SSL_CERT_FILE": certificates],
            clock: ContinuousClock(),
            staticFiles: { _ in [:] }
        )
        let world = RuntimeWorld(runtime: runtime, make: { runtime }, project: project, unknownHandle: "")
        #expect(try await world.run("cat $SSL_CERT_FILE").lines.map(\.text) == ["believed"])
    }

    @Test("Nothing of the host can be seen or written, the agent's files can be read")
    func isolation() async throws {
        let world = try await world()
        let secret = try directory.write("secret", "x")
        let run = try await world.run(
            """
            cat /app/static/ACTIONS.md; echo; test -e \(secret) || echo hidden; test -e /root || echo no-root
            touch /usr/x 2>/dev/null || echo read-only; touch /x 2>/dev/null || echo root-read-only
            id -u; pwd; echo $$; unshare -U true 2>/dev/null || echo no-namespaces; grep CapEff /proc/self/status
            """
        )
        #expect(
            run.lines.map(\.text) == [
                "act as dev", "hidden", "no-root", "read-only", "root-read-only", "1000", "/workspace", "1",
                "no-namespaces", "CapEff:\t0000000000000000",
            ]
        )
    }

    @Test("Settings of the kernel and devices cannot be written, whoever the scheduler is; shared memory is limited")
    func kernelSettings() async throws {
        let script = """
            p=/proc/sys/kernel/core_pattern; cat $p >/tmp/was; cat /tmp/was 2>/dev/null >$p || echo read-only
            touch /dev/x 2>/dev/null || echo no device; echo x >/dev/null && echo null
            dd if=/dev/zero of=/dev/shm/x bs=1M count=100 2>/dev/null || stat -c %s /dev/shm/x
            """
        let lines = try await world().run(script).lines.filter { $0.stream == .standardOutput }.map(\.text)
        #expect(lines == ["read-only", "no device", "null", String(64 << 20)])
    }

    @Test("Of /etc a run sees what programs need as it is outside, no private key, and can write none of it")
    func configuration() async throws {
        let script = """
            cat /etc/nsswitch.conf; echo; cut -d: -f1,3 /etc/passwd; ls -d /etc/ssl/certs
            ls -d /etc/ssh/ssh_host* /etc/ssl/private /etc/pki/tls/private /etc/shadow
            chmod u+w /etc/nsswitch.conf || echo x >>/etc/nsswitch.conf || echo unchanged
            """
        let lines = try await world().run(script).lines.filter { $0.stream == .standardOutput }.map(\.text)
        let outside = try String(contentsOfFile: "/etc/nsswitch.conf", encoding: .utf8).split(separator: "\n")
        let expected = outside.map(String.init) + ["node:1000", "root:0", "/etc/ssl/certs", "unchanged"]
        #expect(lines.filter { !$0.isEmpty } == expected)
    }

    @Test("A run gets no open file but the standard ones")
    func descriptors() async throws {
        let lines = try await world().run("for file in /proc/self/fd/*; do echo ${file##*/} $(readlink $file); done")
            .lines
        let standard = lines.map(\.text).filter { $0.hasPrefix("0 ") || $0.hasPrefix("1 ") || $0.hasPrefix("2 ") }
        #expect(standard.count == 3)
        let others = lines.map(\.text).filter { !standard.contains($0) }
        // The stand-in is a script, which its shell has open.
        #expect(others.allSatisfy { $0.hasSuffix("/al") || $0.split(separator: " ").count < 2 }, "\(others)")
    }

    /// Whether this machine lets the tests make control groups.
    private static let hasGroups = SandboxRuntime.limitProblem(LocalSettings()) == nil

    @Test("A run has so many processes and so much memory and no more", .enabled(if: hasGroups, "no control groups"))
    func limits() async throws {
        let world = try await world()
        let forks =
            "perl -e 'while (1) { $p = fork; last unless defined $p; if (!$p) { sleep 5; exit } last if ++$n > 400 } print $n'"
        var launch = try world.launch("\(forks); echo; kill -9 -1 2>/dev/null")
        var handle = try await world.runtime.launch(launch)
        let count = try await world.follow(handle, from: nil).first.flatMap { Int($0.text) } ?? 1000
        #expect(count < ControlGroup.mostProcesses)
        let group = try #require(RunDirectory(instance: launch.instance, project: world.project).group)
        try await world.runtime.kill(handle, grace: .zero)
        try await world.finish(handle)
        #expect(!FileManager.default.fileExists(atPath: group.directories[0]))

        launch = try world.launch("exec perl -e '$x = \"x\" x (64 << 20); push @a, $x . $_ for 1 .. 40'")
        launch.limits.memory = 128 << 20
        handle = try await world.runtime.launch(launch)
        let end = try await world.runtime.wait(for: handle)
        #expect(end == RunEnd(code: 137, cause: .outOfMemory))
        try await world.finish(handle)
    }

    @Test("System calls that have helped others out of a sandbox fail, also for those who may do everything outside")
    func systemCalls() async throws {
        let numbers = DeniedCall.all.filter { $0.conditions.isEmpty && $0.failure == .notPermitted }.compactMap {
            call in
            SeccompFilter.Architecture.current.flatMap { call.number(on: $0) }
        }
        let script = """
            grep -E '^(Seccomp|NoNewPrivs):' /proc/self/status
            perl -e 'for (@ARGV) { $! = 0; syscall($_, 0, 0, 0, 0, 0, 0); print "$_ ", $! + 0, "\n" if $! != 1 }' \
                \(numbers.map(String.init).joined(separator: " "))
            perl -MSocket -e 'print socket(my $s, AF_INET, SOCK_RAW, 1) ? "raw" : "no raw: " . ($! + 0), "\n"'
            perl -MSocket -e 'print socket(my $s, 17, SOCK_RAW, 768) ? "packet" : "no packet: " . ($! + 0), "\n"'
            perl -MSocket -e 'print socket(my $s, AF_INET, SOCK_STREAM, 0) ? "stream" : "none", "\n"'
            """
        let lines = try await world().run(script).lines.map(\.text)
        #expect(lines == ["NoNewPrivs:\t1", "Seccomp:\t2", "no raw: 1", "no packet: 97", "stream"])
    }
}

@Suite("Output in files")
struct OutputTailTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("What comes faster than it can be read is passed over up to the next line, and says so")
    func passesOver() throws {
        let lines = (1000..<9000).map { "line \($0)\n" }.joined()
        let out = try directory.write("out", lines)
        var tail = OutputTail(output: out, errors: "\(directory.path)/none", position: nil, limit: 4000)
        let piece = tail.next()
        #expect(piece.lines.first?.text == "[…78010 bytes cut: they came faster than they could be read]")
        #expect(piece.lines.dropFirst().map(\.text) == (8801..<9000).map { "line \($0)" })
        #expect(piece.lines.last?.position == "80000:0")
        #expect(tail.next() == OutputTail.Piece(lines: [], isAtEnd: true))
    }

    @Test("Behind its reader a file takes no more room than the limit")
    func releases() throws {
        let out = try directory.write("out", String(repeating: "x", count: 1 << 20) + "\n")
        var tail = OutputTail(output: out, errors: "\(directory.path)/none", position: nil, limit: 2 << 20)
        for _ in 0..<10 {
            while !tail.next().isAtEnd {}
            let file = try #require(FileHandle(forWritingAtPath: out))
            try file.seekToEnd()
            try file.write(contentsOf: Data((String(repeating: "x", count: 1 << 20) + "\n").utf8))
            try file.close()
        }
        while !tail.next().isAtEnd {}
        var facts = stat()
        #expect(stat(out, &facts) == 0 && facts.st_size > 11 << 20)
        #expect(facts.st_blocks * 512 < 7 << 20)
    }

    @Test("A file that cannot be read is not at its end")
    func unreadable() throws {
        var tail = OutputTail(output: directory.path, errors: "\(directory.path)/none", position: nil)
        #expect(!tail.next().isAtEnd)
        var none = OutputTail(output: "\(directory.path)/a", errors: "\(directory.path)/b", position: nil)
        #expect(none.next().isAtEnd)
    }
}

@Suite("Local processes")
struct LocalProcessTests {
    @Test("Processor time is limited to what there is, and to what the kernel takes", arguments: [1e300, 1e14, 0.001])
    func quota(cpus: Double) {
        let processors = ProcessInfo.processInfo.processorCount
        #expect(ControlGroup.quota(cpus) == (cpus < 1 ? 1000 : processors * 100_000))
    }

    @Test("A handle is read back and refuses what is none", arguments: ["", "al-dev-1", "pid:1:2:b", "pid:x:2:b"])
    func handles(bad: String) {
        let process = ProcessIdentity(pid: 12, startTime: 34, bootID: "boot")
        #expect(process.handle.rawValue == "pid:12:34:boot")
        #expect(ProcessIdentity(process.handle) == process)
        #expect(ProcessIdentity(RunHandle(rawValue: bad)) == nil)
    }

    @Test("A process with the same number but another start or boot is another process")
    func identity() throws {
        let own = getpid()
        let stat = try #require(ProcessStat(pid: own))
        let boot = ProcessIdentity.currentBootID
        #expect(ProcessIdentity(pid: own, startTime: stat.startTime, bootID: boot).isAlive)
        #expect(!ProcessIdentity(pid: own, startTime: stat.startTime + 1, bootID: boot).isAlive)
        #expect(!ProcessIdentity(pid: own, startTime: stat.startTime, bootID: "other").isAlive)
    }

    @Test("Everything below a process and in its session belongs to it")
    func tree() {
        func stat(_ pid: Int32, parent: Int32, session: Int32) -> ProcessStat? {
            ProcessStat(
                line: Array("\(pid) (x) S \(parent) \(pid) \(session) 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0".utf8)
            )
        }
        let all = [
            stat(10, parent: 1, session: 10), stat(11, parent: 10, session: 11), stat(12, parent: 11, session: 11),
            stat(13, parent: 1, session: 10), stat(20, parent: 1, session: 20),
        ].compactMap { $0 }
        #expect(all.count == 5)
        #expect(ProcessStat.tree(of: 10, in: all) == [10, 11, 12, 13])
    }
}
