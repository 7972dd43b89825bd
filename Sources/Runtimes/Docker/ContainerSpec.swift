import Domain

/// The body of the request that creates a run's container (`POST /containers/create` of the Docker Engine API).
struct ContainerSpec: Sendable {
    var launch: Launch
    /// Image id.
    var image: String
    /// `gateway:<address>`; `nil` = runs find the gateway by a name of its own.
    var hostEntry: String?
    /// Processors of the engine's machine: it refuses to give more.
    var processors: Int
    var isPodman: Bool
    /// Path on this machine of the prompt's file, when it is too large for a variable.
    var promptFile: String?
    /// Path on the engine's machine of a filter of system calls that takes the place of the engine's own.
    var seccompFile: String?
    /// What takes the place of files of this machine; `nil` = the engine sees them.
    var volumes: RunVolumes?
    /// Stands in ``ownerLabel``; `nil` = nobody else uses the engine.
    var owner: String?

    static let promptPath = "/run/al/prompt"
    static let projectLabel = "action-llama.project"
    static let agentLabel = "action-llama.agent"
    static let runLabel = "action-llama.run"
    /// Whose scheduler started it, where several may share an engine and a project's id.
    static let ownerLabel = "action-llama.owner"
    static let network = "al-net"

    /// The container's name, the same for the same run id.
    static func name(of instance: InstanceID) -> String { "al-\(instance)" }

    var json: JSONValue {
        let environment = RunEnvironment(
            launch,
            promptFile: volumes?.promptPath ?? promptFile.map { _ in Self.promptPath }
        )
        return [
            "Image": .string(image),
            "Hostname": .string(launch.agent.name.rawValue),
            "User": "1000:1000",
            "StopTimeout": .int(launch.stopGrace),
            "Env": .array(environment.assignments.map { .string($0) }),
            "Labels": labels,
            "HostConfig": hostConfig,
        ]
    }

    private var labels: JSONValue {
        var labels: JSONValue = [
            Self.projectLabel: .string(launch.project.id.rawValue),
            Self.agentLabel: .string(launch.agent.name.rawValue),
            Self.runLabel: .string(launch.instance.run.rawValue),
        ]
        if let owner { labels[Self.ownerLabel] = .string(owner) }
        return labels
    }

    /// A sealed run has no network at all, only the socket of the proxy.
    private var isSealed: Bool { launch.egressDirectory != nil }

    private var hostConfig: JSONValue {
        let limits = launch.limits
        var host: JSONValue = [
            "NetworkMode": .string(isSealed ? "none" : Self.network),
            "ExtraHosts": .array([isSealed ? "gateway:127.0.0.1" : hostEntry].compactMap { $0.map(JSONValue.string) }),
            "ReadonlyRootfs": true,
            "CapDrop": ["ALL"],
            "SecurityOpt": .array(securityOptions.map { .string($0) }),
            "PidsLimit": 256,
            "Memory": .int(limits.memory),
            "MemorySwap": .int(limits.memory),
            "NanoCpus": .int(Int((min(limits.cpus, Double(max(1, processors))) * 1e9).rounded())),
            "Tmpfs": [
                "/tmp": .string(tmpfs(size: limits.tmpSize, mode: "1777")),
                "/workspace": .string(tmpfs(size: limits.workspaceSize, mode: "0755")),
                "/home/node": .string(tmpfs(size: 64 << 20, mode: "0755")),
            ],
        ]
        if let volumes, !volumes.binds.isEmpty { host["Binds"] = .array(volumes.binds.map(JSONValue.string)) }
        if volumes == nil, !mounts.isEmpty { host["Mounts"] = .array(mounts) }
        host["LogConfig"] = ["Type": "json-file", "Config": ["max-size": "50m", "max-file": "2"]]
        host["RestartPolicy"] = ["Name": "no"]
        host["AutoRemove"] = false
        return host
    }

    private var securityOptions: [String] {
        ["no-new-privileges:true"] + (seccompFile.map { ["seccomp=\($0)"] } ?? [])
    }

    /// Files and directories of this machine, in the form that takes a colon in a path.
    private var mounts: [JSONValue] {
        [
            launch.stagingDirectory.map { ("\($0)/mount", "/credentials") }, promptFile.map { ($0, Self.promptPath) },
            launch.egressDirectory.map { ($0, RunEnvironment.egressMount) },
        ].compactMap(\.self).map { source, target in
            ["Type": "bind", "Source": .string(source), "Target": .string(target), "ReadOnly": true]
        }
    }

    /// Podman refuses `uid=` and gives ownership by `U`, which Docker does not know.
    private func tmpfs(size: Int, mode: String) -> String {
        let common = "rw,exec,nosuid,nodev,size=\(size)"
        return isPodman ? "\(common),mode=\(mode),U" : "\(common),uid=1000,gid=1000,mode=\(mode)"
    }
}
