import Crypto
import Domain
import Foundation
import Synchronization
import Testing

@testable import Runtimes

/// What every runtime must do, checked with a stand-in for `al` that runs its prompt as a shell script.
enum RuntimeConformance: String, CaseIterable, Sendable {
    case exitCodes, output, resume, launchesOnce, environment, largePrompt, longLine, termThenKill, killAtOnce
    case listAndRemove, chats, unknownHandles, adoption, unterminatedLine, lineInParts, sealed

    /// A script that does what the prompt says.
    static let standIn = """
        #!/bin/sh
        if [ -n "${AL_PROMPT_FILE:-}" ]; then . "$AL_PROMPT_FILE"; else eval "$PROMPT"; fi

        """

    /// Names the images that have the stand-in in them, under all its names.
    static let buildID =
        "conformance-\(SHA256.hash(data: Data((RunEnvironment.commandNames + [standIn]).joined().utf8)).hexText.prefix(8))"

    func check(_ world: RuntimeWorld) async throws {
        switch self {
        case .exitCodes: try await Self.exitCodes(world)
        case .output: try await Self.output(world)
        case .resume: try await Self.resume(world)
        case .launchesOnce: try await Self.launchesOnce(world)
        case .environment: try await Self.environment(world)
        case .largePrompt: try await Self.largePrompt(world)
        case .longLine: try await Self.longLine(world)
        case .termThenKill: try await Self.termThenKill(world)
        case .killAtOnce: try await Self.killAtOnce(world)
        case .listAndRemove: try await Self.listAndRemove(world)
        case .chats: try await Self.chats(world)
        case .unknownHandles: try await Self.unknownHandles(world)
        case .adoption: try await Self.adoption(world)
        case .unterminatedLine: try await Self.unterminatedLine(world)
        case .lineInParts: try await Self.lineInParts(world)
        case .sealed: try await Self.sealed(world)
        }
    }

    private static func exitCodes(_ world: RuntimeWorld) async throws {
        for code in [0, 1, 42, 124] {
            let run = try await world.run("exit \(code)")
            #expect(run.end.code == code && run.end.cause == .exited)
        }
    }

    private static func output(_ world: RuntimeWorld) async throws {
        let run = try await world.run("for i in 1 2 3 4 5; do echo line $i; done; echo grün; echo problem >&2")
        let out = run.lines.filter { $0.stream == .standardOutput }.map(\.text)
        #expect(out == ["line 1", "line 2", "line 3", "line 4", "line 5", "grün"])
        #expect(run.lines.filter { $0.stream == .standardError }.map(\.text) == ["problem"])
    }

    private static func resume(_ world: RuntimeWorld) async throws {
        let launch = try world.launch("i=0; while [ $i -lt 200 ]; do echo $i; i=$((i+1)); done")
        let handle = try await world.runtime.launch(launch)
        let all = try await world.follow(handle, from: nil)
        #expect(all.map(\.text) == (0..<200).map(String.init))
        let rest = try await world.follow(handle, from: all[99].position)
        #expect(rest.map(\.text) == (100..<200).map(String.init))
        #expect(try await world.follow(handle, from: all[199].position).isEmpty)
        try await world.finish(handle)
    }

    private static func launchesOnce(_ world: RuntimeWorld) async throws {
        let launch = try world.launch("echo started; sleep 0.3")
        let first = try await world.runtime.launch(launch)
        let second = try await world.make().launch(launch)
        #expect(first == second)
        #expect(try await world.follow(first, from: nil).map(\.text) == ["started"])
        try await world.finish(first)
    }

    private static func environment(_ world: RuntimeWorld) async throws {
        let script =
            "echo $AL_AGENT_NAME $AL_TRIGGER $TIMEOUT_SECONDS $AL_EXTRA $SHUTDOWN_SECRET; echo ${LEAK-none}; "
            + "test -w . && touch here && echo writable; test -w \"$HOME\" && echo home; "
            + "command -v rlock >/dev/null && command -v al-subagent-wait >/dev/null && echo commands"
        let run = try await world.run(script)
        #expect(run.lines.map(\.text) == ["dev schedule 60 more s3", "none", "writable", "home", "commands"])
    }

    private static func largePrompt(_ world: RuntimeWorld) async throws {
        let filler = String(repeating: "# filler\n", count: 25_000)
        #expect((try await world.run(filler + "echo arrived")).lines.map(\.text) == ["arrived"])
    }

    private static func longLine(_ world: RuntimeWorld) async throws {
        let run = try await world.run("head -c 200000 /dev/zero | tr '\\0' x; echo; echo after")
        #expect(run.lines.map(\.text.utf8.count) == [200_000, 5])
        #expect(run.lines.first?.text.allSatisfy { $0 == "x" } == true)
        // Read after the end, when nothing more can come: pieces without an end of line are no end of the output.
        let long = try world.launch("head -c 2000000 /dev/zero | tr '\\0' x; echo; echo after")
        let handle = try await world.runtime.launch(long)
        _ = try await world.runtime.wait(for: handle)
        let lines = try await world.follow(handle, from: nil).map(\.text)
        #expect(lines.count == 2 && lines.last == "after")
        #expect(lines.first?.hasPrefix("xxx") == true && lines.first?.hasSuffix("bytes cut]") == true)
        #expect(lines.first.map { $0.utf8.count < 300_000 } == true)
        try await world.finish(handle)
    }

    private static func termThenKill(_ world: RuntimeWorld) async throws {
        let polite = try await world.runtime.launch(
            world.launch("trap 'echo bye; exit 143' TERM; echo ready; while :; do sleep 0.05; done")
        )
        try await world.awaitLine(polite)
        try await world.runtime.kill(polite, grace: .seconds(10))
        #expect(try await world.runtime.wait(for: polite).code == 143)
        #expect(try await world.follow(polite, from: nil).map(\.text).contains("bye"))
        try await world.finish(polite)
        let stubborn = try await world.runtime.launch(
            world.launch("trap '' TERM; echo ready; while :; do sleep 0.05; done")
        )
        try await world.awaitLine(stubborn)
        try await world.runtime.kill(stubborn, grace: .milliseconds(300))
        #expect(try await world.runtime.wait(for: stubborn).code == 137)
        try await world.finish(stubborn)
    }

    private static func killAtOnce(_ world: RuntimeWorld) async throws {
        let handle = try await world.runtime.launch(world.launch("echo ready; sleep 60 & sleep 60"))
        try await world.awaitLine(handle)
        try await world.runtime.kill(handle, grace: .zero)
        #expect(try await world.runtime.wait(for: handle).code == 137)
        try await world.runtime.kill(handle, grace: .zero)
        try await world.runtime.kill(handle, grace: .seconds(1))
        try await world.finish(handle)
    }

    private static func listAndRemove(_ world: RuntimeWorld) async throws {
        let launch = try world.launch("echo ready; sleep 60")
        let handle = try await world.runtime.launch(launch)
        try await world.awaitLine(handle)
        func known() async throws -> KnownRun? {
            try await world.make().list(project: world.project.id).first { $0.handle == handle }
        }
        #expect(
            try await known() == KnownRun(handle: handle, agent: "dev", runID: launch.instance.run, isRunning: true)
        )
        try await world.runtime.kill(handle, grace: .zero)
        _ = try await world.runtime.wait(for: handle)
        #expect(try await known()?.isRunning == false)
        try await world.runtime.remove(handle)
        try await world.runtime.remove(handle)
        #expect(try await known() == nil)
    }

    /// A chat's instance has another name than its agent, and is found and removed all the same.
    private static func chats(_ world: RuntimeWorld) async throws {
        var launch = try world.launch("echo ready; sleep 60")
        launch.instance = InstanceID(agent: try AgentName("dev-chat"), run: launch.instance.run)
        let handle = try await world.runtime.launch(launch)
        try await world.awaitLine(handle)
        let known = try await world.make().list(project: world.project.id).first { $0.runID == launch.instance.run }
        #expect(known?.handle == handle)
        try await world.runtime.kill(handle, grace: .zero)
        _ = try await world.runtime.wait(for: handle)
        try await world.finish(handle)
        #expect(try await !world.make().list(project: world.project.id).contains { $0.runID == launch.instance.run })
    }

    private static func unknownHandles(_ world: RuntimeWorld) async throws {
        let handle = RunHandle(rawValue: world.unknownHandle)
        try await world.runtime.kill(handle, grace: .seconds(1))
        try await world.runtime.remove(handle)
        #expect(try await world.runtime.wait(for: handle) == RunEnd(code: nil, cause: .vanished))
        #expect(try await world.follow(handle, from: nil).isEmpty)
    }

    private static func adoption(_ world: RuntimeWorld) async throws {
        let result = #"{"_log":true,"level":"info","msg":"run-result","exitCode":42,"ts":1}"#
        let handle = try await world.runtime.launch(world.launch("sleep 0.2; echo '\(result)'; exit 42"))
        let later = try await world.make()
        let end = try await later.wait(for: handle)
        #expect(end.code == 42 && end.cause == .exited && end.time != nil)
        #expect(try await world.follow(handle, from: nil, with: later).map(\.text) == [result])
        try await world.finish(handle)
    }

    private static func unterminatedLine(_ world: RuntimeWorld) async throws {
        #expect((try await world.run("echo a; printf b")).lines.map(\.text) == ["a", "b"])
    }

    /// Engines may stamp what is written at once with its time; here the parts of a line have stamps of different seconds.
    private static func lineInParts(_ world: RuntimeWorld) async throws {
        let run = try await world.run(
            "printf a; sleep 1.2; echo b; echo; printf c; sleep 0.2; printf d; sleep 0.2; echo; echo e"
        )
        #expect(run.lines.map(\.text) == ["ab", "", "cd", "e"])
    }
}

/// A runtime under test and its surroundings.
struct RuntimeWorld: Sendable {
    var runtime: any Runtime
    /// Another instance, as a new scheduler process would make it.
    var make: @Sendable () async throws -> any Runtime
    var project: ProjectDirectory
    var image: String?
    var unknownHandle: String

    func launch(_ script: String) throws -> Launch {
        var launch = try ContainerSpecTests.launch(prompt: script, staging: nil)
        launch.project = project
        launch.instance = InstanceID(agent: launch.agent.name, run: RunID(bits: .random(in: 0...UInt32.max)))
        launch.image = image
        launch.environment = ["AL_EXTRA": "more"]
        launch.limits.tmpSize = 16 << 20
        launch.limits.workspaceSize = 16 << 20
        return launch
    }

    func run(_ script: String) async throws -> (lines: [OutputLine], end: RunEnd) {
        let handle = try await runtime.launch(launch(script))
        async let lines = follow(handle, from: nil)
        let end = try await runtime.wait(for: handle)
        let found = try await lines
        try await finish(handle)
        return (found, end)
    }

    func follow(_ handle: RunHandle, from position: String?, with other: (any Runtime)? = nil) async throws
        -> [OutputLine]
    {
        let lines = Lines()
        try await (other ?? runtime).follow(handle, from: position) { lines.append($0) }
        return lines.all
    }

    /// Returns once the run has written something.
    func awaitLine(_ handle: RunHandle) async throws {
        let (seen, sink) = AsyncStream.makeStream(of: Void.self)
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await runtime.follow(handle, from: nil) { _ in sink.yield() } }
            for await _ in seen { break }
            group.cancelAll()
        }
    }

    func finish(_ handle: RunHandle) async throws { try await runtime.remove(handle) }

    private final class Lines: Sendable {
        private let stored = Mutex<[OutputLine]>([])
        var all: [OutputLine] { stored.withLock { $0 } }
        func append(_ line: OutputLine) { stored.withLock { $0.append(line) } }
    }
}
