import Domain
import Foundation
import Testing

@testable import Runtimes

@Suite("Dockerfile")
struct DockerfileTests {
    @Test(
        "Only our own bases are replaced",
        arguments: [
            ("FROM al-agent", "FROM base:1"), ("FROM al-agent:latest", "FROM base:1"),
            ("from --platform=linux/amd64 al-project-base AS x", "from --platform=linux/amd64 base:1 AS x"),
            ("FROM al-agent-tools", "FROM al-agent-tools"), ("FROM alpine:3", "FROM alpine:3"),
            ("COPY --from=al-agent /app/bin /app/bin", "COPY --from=base:1 /app/bin /app/bin"),
            ("COPY --chown=1:1 --from=builder /x /y", "COPY --chown=1:1 --from=builder /x /y"),
            ("RUN echo al-agent", "RUN echo al-agent"),
            ("FROM x AS al-agent\nCOPY --from=al-agent /x /y", "FROM x AS al-agent\nCOPY --from=al-agent /x /y"),
        ]
    )
    func replacesBase(line: String, expected: String) {
        let text = "ARG X=1\n\(line)\n# FROM al-agent\n"
        #expect(Dockerfile(text: text).replacingBase(with: "base:1").text == "ARG X=1\n\(expected)\n# FROM al-agent\n")
    }

    @Test(
        "Customised means more than one instruction",
        arguments: [
            ("FROM al-agent\n", false), ("# hi\n\nFROM al-agent\n", false), ("FROM \\\n al-agent\n", false),
            ("FROM al-agent\nRUN true\n", true), ("", false),
        ]
    )
    func customised(text: String, expected: Bool) { #expect(Dockerfile(text: text).isCustomised == expected) }

    @Test("Static files are copied once")
    func staticFiles() {
        let added = Dockerfile(text: "FROM x").addingStaticFiles()
        #expect(added.text == "FROM x\nCOPY static/ /app/static/\n")
        #expect(added.addingStaticFiles() == added)
    }

    @Test(
        "What only looks like the copying of static files replaces nothing",
        arguments: [
            "FROM x\nCOPY x.json /app/static/x.json\n", "FROM x\nCOPY y /app/static-extra/\n",
            "FROM x AS first\nCOPY static/ /app/static/\nFROM y\n", "FROM x\nCOPY x.json /app/static/\n",
        ]
    )
    func ownStaticFiles(text: String) {
        #expect(Dockerfile(text: text).addingStaticFiles().text == text + "COPY static/ /app/static/\n")
    }

    @Test("Entry points of the previous implementation and BuildKit steps are noticed")
    func refusals() {
        #expect(
            Dockerfile(text: "FROM x\nENTRYPOINT [\"node\", \"/app/dist/container-entry.js\"]").hasForeignEntrypoint
        )
        #expect(!Dockerfile(text: "FROM x\nENTRYPOINT [\"/app/bin/al\", \"_run-agent\"]").hasForeignEntrypoint)
        #expect(Dockerfile(text: "FROM x\nRUN --mount=type=cache,target=/x true").needsBuildKit)
        #expect(!Dockerfile.agentBase.needsBuildKit)
        #expect(!Dockerfile(text: "FROM x\nRUN docker run --mount=type=bind y").needsBuildKit)
    }
}

@Suite("Build context")
struct BuildContextTests {
    @Test(
        "Secrets, histories and what .dockerignore names stay out",
        arguments: [
            (".git/config", true), ("a/.env", true), (".env.local", true), (".al/state.db", true),
            ("node_modules/x/y", true), (".envrc", true), ("a/.env-prod", true), (".action-llama/x", true),
            ("src/main.py", false), ("logs/a.log", true), ("logs/keep.log", false), ("deep/er/x.tmp", true),
            ("x.tmpl", false),
        ]
    )
    func ignores(path: String, expected: Bool) {
        let rules = IgnoreRules("# comment\nlogs/*\n!logs/keep.log\n**/*.tmp\n")
        #expect(rules.excludes(path) == expected)
    }

    @Test("The hash depends on base, arguments, paths, modes and contents, not on the order of adding")
    func hash() throws {
        func hash(base: String = "b", _ change: (inout BuildContext) -> Void = { _ in }) throws -> String {
            var context = BuildContext()
            context.add("a", [1])
            context.add("b", [2])
            change(&context)
            return try context.inputsHash(baseID: base, arguments: ["VERSION": "1"])
        }
        var other = BuildContext()
        other.add("b", [2])
        other.add("a", [1])
        let plain = try hash()
        #expect(try plain == other.inputsHash(baseID: "b", arguments: ["VERSION": "1"]))
        let changed = [
            try hash(base: "c"), try hash { $0.add("a", [3]) }, try hash { $0.add("a", [1], mode: 0o755) },
            try hash { $0.add("c", [1]) }, try hash { $0.addLink("a", to: "b") },
            try other.inputsHash(baseID: "b", arguments: ["VERSION": "2"]),
        ]
        #expect(!changed.contains(plain))
        #expect(Set(changed).count == changed.count)
    }

    @Test("Archives are read back by tar with names, modes, links and contents")
    func archive() throws {
        let directory = try TemporaryDirectory()
        let long = String(repeating: "d", count: 90) + "/" + String(repeating: "f", count: 90)
        var context = BuildContext()
        context.add("bin/al", Array("run".utf8), mode: 0o755)
        context.addLink("bin/rlock", to: "al")
        context.add(long, [UInt8](repeating: 7, count: 513))
        let large = try directory.write("large", String(repeating: "0123456789", count: 60_000))
        try context.add("large", from: large, mode: 0o644)
        try Data(context.archive().bytes()).write(to: URL(filePath: "\(directory.path)/x.tar"))
        let tar = Process()
        tar.executableURL = URL(filePath: "/bin/tar")
        tar.arguments = ["-xf", "\(directory.path)/x.tar", "-C", directory.path]
        try tar.run()
        tar.waitUntilExit()
        #expect(tar.terminationStatus == 0)
        let files = FileManager.default
        #expect(files.contents(atPath: "\(directory.path)/bin/rlock") == Data("run".utf8))
        #expect(files.isExecutableFile(atPath: "\(directory.path)/bin/al"))
        #expect(files.contents(atPath: "\(directory.path)/\(long)")?.count == 513)
        #expect(files.contents(atPath: "\(directory.path)/large")?.count == 600_000)
        #expect(try context.archive().bytes() == context.archive().bytes())
        #expect(try context.archive().bytes().count == context.archive().length)
    }

    @Test("A directory's files are read when they are sent, and count as if they had been given at once")
    func storedFiles() throws {
        let directory = try TemporaryDirectory()
        for name in ["src", "node_modules"] {
            let path = "\(directory.path)/\(name)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        _ = try directory.write("src/a", "one")
        _ = try directory.write("src/run", "two", mode: 0o755)
        _ = try directory.write("node_modules/x", "three")
        var context = BuildContext()
        try context.addDirectory(directory.path)
        #expect(context.entries.keys.sorted() == ["src/a", "src/run"])
        let isStored = context.entries.values.allSatisfy { if case .stored = $0 { true } else { false } }
        #expect(isStored)
        var given = BuildContext()
        given.add("src/a", Array("one".utf8))
        given.add("src/run", Array("two".utf8), mode: 0o755)
        #expect(try context.archive().bytes() == given.archive().bytes())
        #expect(
            try context.inputsHash(baseID: "b", arguments: [:]) == given.inputsHash(baseID: "b", arguments: [:])
        )
    }

    @Test("What .dockerignore takes back is found in a directory that stays out")
    func takenBack() throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: "\(directory.path)/logs", withIntermediateDirectories: true)
        _ = try directory.write(".dockerignore", "logs\n!logs/keep\n")
        _ = try directory.write("logs/keep", "x")
        _ = try directory.write("logs/other", "x")
        var context = BuildContext()
        try context.addDirectory(directory.path)
        #expect(context.entries.keys.sorted() == [".dockerignore", "logs/keep"])
    }
}

@Suite("Build report")
struct BuildProgressTests {
    @Test("An error inside a successful answer fails the build with its last lines")
    func failure() throws {
        var progress = BuildProgress(name: "al-dev")
        #expect(try progress.take(#"{"stream":"STEP 2/7: RUN \u001b[31mx\u001b[0m\n"}"#) == ["Step 2/7 : RUN x"])
        #expect(throws: RuntimeError.self) {
            try progress.take(#"{"errorDetail":{"message":"exit 3"},"error":"exit 3"}"#)
        }
        do {
            _ = try progress.take(#"{"error":"exit 3"}"#)
        } catch let error as RuntimeError {
            #expect(error.code == .buildFailed)
            #expect(error.message.contains("exit 3") && error.message.contains("Step 2/7 : RUN x"))
        }
    }

    @Test("A report without result is a failure")
    func truncated() throws {
        var progress = BuildProgress(name: "al-dev")
        _ = try progress.take(#"{"stream":"Step 1/1 : FROM x"}"#)
        #expect(throws: RuntimeError.self) { try progress.finish() }
        _ = try progress.take(#"{"aux":{"ID":"1"}}"#)
        #expect(try progress.finish() == "sha256:1")
    }
}
