import AsyncHTTPClient
import Crypto
import Domain
import Foundation
import Runtimes

/// Chooses where runs execute and connects to it.
enum RuntimeRoot {
    /// A runtime that works on this machine, and why it was chosen.
    struct Selection {
        let runtime: any Runtime
        /// For people: what runs the agents, how isolated they are, and why.
        let sentence: String

        var kind: RuntimeKind { runtime.kind }
    }

    /// Chooses: what is asked for, else an engine that answers. Plain processes only when asked for, or where the agents are al's own.
    ///
    /// - Throws: ``RuntimeError`` naming the remedies.
    static func select(_ settings: LocalSettings, mayFallBackToHost: Bool) async throws -> Selection {
        switch settings.runtime {
        case .host:
            return Selection(
                runtime: try host(),
                sentence: "Runtime: host — agents run as processes of this user, without isolation (asked for)."
            )
        case .docker:
            return try await docker(settings)
        case .sandbox:
            throw RuntimeError(
                code: .unavailable,
                message:
                    "The runtime sandbox is not available in this version. Set [local] runtime to docker, or to host "
                    + "for no isolation at all."
            )
        case nil:
            do {
                return try await docker(settings)
            } catch let error as RuntimeError where mayFallBackToHost && error.code == .unavailable {
                return Selection(
                    runtime: try host(),
                    sentence:
                        "Runtime: host — no container engine answers, so the agents run as processes of this user, "
                        + "without isolation. These agents are the demo's own. For isolation start a container engine."
                )
            }
        }
    }

    private static func docker(_ settings: LocalSettings) async throws -> Selection {
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: EngineEndpoint.httpConfiguration)
        let executable = executablePath
        let runtime: DockerRuntime
        do {
            runtime = try await DockerRuntime.connect(
                environment: ProcessInfo.processInfo.environment,
                http: http,
                clock: ContinuousClock(),
                executablePath: executable,
                buildID: try buildID(of: executable),
                version: Version.current,
                ownImage: settings.image,
                staticFiles: StaticFiles.files(for:)
            )
        } catch {
            try await http.shutdown()
            throw error
        }
        return Selection(
            runtime: runtime,
            sentence: "Runtime: docker — each run is a container of its own (\(runtime.engineDescription))."
        )
    }

    private static func host() throws -> any Runtime {
        HostRuntime(
            executablePath: executablePath,
            clock: ContinuousClock(),
            environment: ProcessInfo.processInfo.environment
        )
    }

    /// The running executable, without links.
    static var executablePath: String {
        // Where /proc is missing the name of the call is the best there is.
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }

    /// 12 hex digits that change with the executable.
    private static func buildID(of path: String) throws -> String {
        let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        return SHA256.hash(data: data).prefix(6).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
            .joined()
    }
}

/// What an agent's image gets under `/app/static`.
enum StaticFiles {
    /// Name → content.
    static func files(for agent: AgentConfig) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [
            "agent-config.json": Array(agent.json.compactText.utf8),
            "ACTIONS.md": Array(agent.instructions.utf8),
            "timeout": Array(String(agent.timeout).utf8),
        ]
        if agent.model.provider == .scripted {
            files["model-script.yaml"] = Array(
                try Data(contentsOf: URL(fileURLWithPath: "\(agent.directory)/\(agent.model.model)"))
            )
        }
        let script = "\(agent.directory)/test-script.sh"
        if FileManager.default.fileExists(atPath: script) {
            files["test-script.sh"] = Array(try Data(contentsOf: URL(fileURLWithPath: script)))
        }
        return files
    }
}
