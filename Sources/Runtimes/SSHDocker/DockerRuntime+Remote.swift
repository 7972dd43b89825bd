import AsyncHTTPClient
import CloudClients
import Domain
import NIOCore
import NIOHTTP1

/// What is different where the engine is another machine's.
extension DockerRuntime {
    /// Connects to an engine, with ssh's own words when that is what fails.
    static func connect(
        to endpoint: EngineEndpoint,
        through tunnel: SSHTunnel?,
        http: HTTPClient
    ) async throws -> EngineClient {
        guard let tunnel else { return try await EngineClient.connect(to: endpoint, http: http) }
        do {
            // A server may be far away, and its engine may have to be started by the first who asks.
            return try await EngineClient.connect(to: endpoint, http: http, timeout: .seconds(10)) {
                do {
                    try await tunnel.connect()
                } catch let error as SSHError {
                    throw RuntimeError(code: .unavailable, message: error.description, isTransient: true)
                }
            }
        } catch let error as RuntimeError where error.code == .engine {
            guard let refusal = try await tunnel.refusal() else { throw error }
            if refusal.code == .forwardingForbidden, await tunnel.useCommands() {
                return try await connect(to: endpoint, through: tunnel, http: http)
            }
            throw RuntimeError(code: .unavailable, message: refusal.description)
        }
    }

    /// Refuses a server on which this executable cannot run, unless the base image brings another.
    ///
    /// - Throws: ``RuntimeError`` (`unavailable`) naming both processors.
    func requireOwnArchitecture() async throws {
        guard ownImage == nil, let own = ProcessorArchitecture(ofExecutable: builder.product.executablePath) else {
            return
        }
        let info = try await engine.send(.GET, "/info").require(200, to: "describe itself")
        guard let name = info.json?["Architecture"]?.stringValue else { return }
        let server = ProcessorArchitecture(engineName: name)
        guard server != own else { return }
        throw RuntimeError(
            code: .unavailable,
            message:
                "\(engine.endpoint) has processors of type \(server), and this al, which runs in the containers there, "
                + "is made for \(own). Use an al for \(server), or name a base image that has one ([local] image)."
        )
    }

    /// Makes the volumes of a run, empty.
    func make(_ volumes: RunVolumes?, for launch: Launch) async throws {
        var labels = [
            ContainerSpec.projectLabel: launch.project.id.rawValue,
            ContainerSpec.agentLabel: launch.agent.name.rawValue,
            ContainerSpec.runLabel: launch.instance.run.rawValue,
        ]
        labels[ContainerSpec.ownerLabel] = owner
        for volume in volumes?.all ?? [] { try await engine.createVolume(volume.name, labels: labels) }
    }

    /// Fills the volumes of a container that is not started yet.
    func fill(_ volumes: RunVolumes?, of container: String) async throws {
        for volume in volumes?.all ?? [] {
            try await engine.unpack(volume.archive, into: container, at: volume.mountPoint)
        }
    }

    func removeVolumes(of handle: RunHandle) async throws {
        guard !engine.endpoint.sharesFiles,
            let run = handle.rawValue.split(separator: "-").last.flatMap({ RunID(String($0)) })
        else { return }
        for name in RunVolumes.names(of: run) { try await engine.removeVolume(name) }
    }

    /// Deletes the volumes of runs whose container was never made: their scheduler died between the two.
    func removeStrayVolumes(of project: ProjectID) async throws {
        let volumes = try await engine.volumes(label: "\(ContainerSpec.projectLabel)=\(project)")
        guard !volumes.isEmpty else { return }
        let runs = Set(try await list(project: project).map(\.runID.rawValue))
        for (name, labels) in volumes where isOwn(labels) {
            guard !runs.contains(labels[ContainerSpec.runLabel]?.stringValue ?? "") else { continue }
            try await engine.removeVolume(name)
        }
    }
}
