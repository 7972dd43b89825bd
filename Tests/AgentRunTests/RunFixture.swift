import Domain
import Foundation

@testable import AgentRun

/// A run in process mode with the scripted model, in directories of its own.
struct RunFixture {
    let root = NSTemporaryDirectory() + "al-run-\(UUID().uuidString)"
    let sink = LogSink()
    var environment: [String: String] = [:]
    var now: @Sendable () -> Date = { Date() }

    init(script: String, config: JSONValue = [:]) throws {
        for name in ["agent", "work", "tmp", "home"] {
            try FileManager.default.createDirectory(atPath: "\(root)/\(name)", withIntermediateDirectories: true)
        }
        try script.write(toFile: "\(root)/agent/script.yaml", atomically: true, encoding: .utf8)
        var json: JSONValue = [
            "name": "dev", "model": ["provider": "scripted", "model": "script.yaml"], "_agentsMd": "Do it.",
        ]
        for (key, value) in config.members { json[key] = value }
        environment = [
            "AGENT_CONFIG": json.compactText, "AL_AGENT_DIR": "\(root)/agent", "AL_WORK_DIR": "\(root)/work",
            "TMPDIR": "\(root)/tmp", "HOME": "\(root)/home", "AL_SIGNAL_DIR": "\(root)/tmp/signals",
            "AL_CREDENTIALS_PATH": "\(root)/credentials", "AL_TRIGGER": "manual", "AL_INSTANCE_ID": "dev-0000002a",
            "PROMPT": TriggerPrompt.suffix(for: .manual(prompt: "Go")), "TIMEOUT_SECONDS": "60",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
        ]
    }

    /// The same run as a container finds it: its files baked into the image, only trigger and identity in variables.
    mutating func bake(skeleton: String? = nil, timeout: Int = 60) throws {
        let folder = "\(root)/static"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var config = try JSONValue(parsing: environment["AGENT_CONFIG"] ?? "")
        for (index, script) in try AgentConfig(json: config).scripts.enumerated() {
            let name = AgentConfig.nameOfBakedScript(index)
            try FileManager.default.copyItem(atPath: "\(root)/agent/\(script)", toPath: "\(folder)/\(name)")
        }
        config["_agentsMd"] = nil
        let files = [
            "agent-config.json": config.compactText, "ACTIONS.md": "Baked instructions.", "timeout": "\(timeout)\n",
            "prompt-static.txt": skeleton,
        ]
        for case (let name, let text?) in files {
            try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
        }
        for name in ["AGENT_CONFIG", "AL_AGENT_DIR", "TIMEOUT_SECONDS"] { environment[name] = nil }
    }

    func credential(_ type: String, _ field: String, _ value: String, instance: String = "default") throws {
        let folder = "\(root)/credentials/\(type)/\(instance)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try (value + "\n").write(toFile: "\(folder)/\(field)", atomically: true, encoding: .utf8)
    }

    func run(
        signals: AsyncStream<Int32> = AsyncStream { _ in },
        clock: any Clock<Duration> = ContinuousClock()
    ) async -> Int32 {
        let sink = sink
        var system = RunSystem(
            clock: clock,
            now: now,
            random: { .random(in: .min ... .max) },
            output: { sink.write($0) },
            signals: signals,
            // On a busy machine the end may come later than the grace of a real run; that it comes is what the suites' time
            // limit sees to.
            exit: { _ in }
        )
        system.staticDirectory = "\(root)/static"
        system.ownsProcess = false
        return await AgentRun.main(environment: environment, system: system)
    }

    func clean() { try? FileManager.default.removeItem(atPath: root) }

    /// The joined transcript lines.
    var transcript: [JSONValue] {
        var texts: [Int: String] = [:]
        for entry in sink.entries where entry["msg"] == "message" {
            texts[entry["seq"]?.intValue ?? -1, default: ""] += entry["json"]?.stringValue ?? ""
        }
        return texts.sorted { $0.key < $1.key }.compactMap { try? JSONValue(parsing: $0.value) }
    }
}
