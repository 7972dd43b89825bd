import AsyncHTTPClient
import Crypto
import Domain
import Foundation
import Runtimes

/// Chooses where runs execute, with the real engine, clock and executable.
enum RuntimeRoot {
    /// Chooses a runtime that was tried and works, or fails with the remedies.
    ///
    /// With `mayFallBackToHost` the agents are al's own, so they may run as plain processes where nothing else works.
    static func select(
        _ settings: LocalSettings,
        project: ProjectDirectory,
        mayFallBackToHost: Bool
    ) async throws -> RuntimeSelection {
        let parts = try parts(settings, project: project)
        do {
            return try await selectRuntime(requested: settings.runtime, parts: parts)
        } catch let error as RuntimeError where error.code == .unavailable {
            guard mayFallBackToHost, settings.runtime == nil else { throw error }
            var selection = try await selectRuntime(requested: .host, parts: parts)
            selection.reason = "host: neither an engine nor bubblewrap works here, and these agents are al's own."
            return selection
        }
    }

    /// Which runtime runs the agents and why, for people.
    static func sentence(_ selection: RuntimeSelection) -> String { "Runtime: \(selection.reason)" }

    private static func parts(_ settings: LocalSettings, project: ProjectDirectory) throws -> RuntimeParts {
        let executable = executablePath
        return RuntimeParts(
            project: project,
            limits: settings,
            executablePath: executable,
            buildID: try buildID(of: executable),
            version: Version.current,
            environment: ProcessInfo.processInfo.environment,
            clock: ContinuousClock(),
            engineHTTP: engineHTTP,
            staticFiles: StaticFiles.files(for:),
            configurationText: configurationText(of:)
        )
    }

    /// Lives as long as the process.
    private static let engineHTTP = HTTPClient(
        eventLoopGroupProvider: .singleton,
        configuration: EngineEndpoint.httpConfiguration
    )

    private static func configurationText(of agent: AgentConfig) throws -> String { agent.json.compactText }

    /// The running executable, without links.
    static var executablePath: String {
        // Where /proc is missing the name of the call is the best there is.
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }

    /// Digits that change with the executable: hashing 90 MB at every start would take longer than everything else.
    private static func buildID(of path: String) throws -> String {
        let facts = try FileManager.default.attributesOfItem(atPath: path)
        let size = facts[.size] as? Int ?? 0
        let changed = (facts[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        let text = "\(Version.current) \(path) \(size) \(changed)"
        return SHA256.hash(data: Data(text.utf8)).prefix(6).hexText
    }
}

/// What a run of an agent sees under `/app/static`.
enum StaticFiles {
    /// Name → content.
    static func files(for agent: AgentConfig) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [
            "agent-config.json": Array(agent.json.compactText.utf8),
            "ACTIONS.md": Array(agent.instructions.utf8),
            "timeout": Array(String(agent.timeout).utf8),
        ]
        for (index, script) in agent.scripts.enumerated() {
            files[AgentConfig.nameOfBakedScript(index)] = try content(agent.path(ofScript: script))
        }
        let script = "\(agent.directory)/test-script.sh"
        if FileManager.default.fileExists(atPath: script) { files["test-script.sh"] = try content(script) }
        files.merge(try skills(of: agent)) { own, _ in own }
        return files
    }

    /// Everything below `skills/`, links followed.
    private static func skills(of agent: AgentConfig) throws -> [String: [UInt8]] {
        let directory = "\(agent.directory)/skills"
        guard !agent.directory.isEmpty, let walk = FileManager.default.enumerator(atPath: directory) else { return [:] }
        var files: [String: [UInt8]] = [:]
        while let path = walk.nextObject() as? String {
            var isDirectory: ObjCBool = false
            let full = "\(directory)/\(path)"
            guard FileManager.default.fileExists(atPath: full, isDirectory: &isDirectory), !isDirectory.boolValue else {
                continue
            }
            files["skills/\(path)"] = try content(full)
        }
        return files
    }

    private static func content(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }
}
