import AsyncHTTPClient
import Domain
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// A container's state as the engine reports it.
struct ContainerState: Hashable, Sendable {
    var isRunning: Bool
    /// The engine's word: `created`, `running`, `exited`.
    var status: String
    var exitCode: Int?
    var wasOutOfMemory: Bool
    /// `nil` while it has not ended.
    var finishedAt: Date?
}

extension EngineClient {
    /// The id of the default network of runs and the address of its bridge, creating it if needed.
    func ensureNetwork(_ name: String) async throws -> String {
        for _ in 0..<2 {
            let found = try await send(.GET, "/networks/\(name)")
            if found.status == 200 {
                guard let gateway = found.json?["IPAM"]?["Config"]?[0]?["Gateway"]?.stringValue,
                    let address = gateway.split(separator: "/").first
                else {
                    throw found.failure(to: "name the bridge address of the network \(name); remove it and start again")
                }
                return String(address)
            }
            guard found.status == 404 else { throw found.failure(to: "look up the network \(name)") }
            let created = try await send(
                .POST,
                "/networks/create",
                json: [
                    "Name": .string(name), "CheckDuplicate": true, "Driver": "bridge",
                    "Labels": ["started-by": "action-llama"],
                ]
            )
            guard created.status == 201 || created.status == 200 || created.saysNameTaken else {
                throw created.failure(to: "create the network \(name)", code: .unavailable)
            }
        }
        throw RuntimeError(code: .unavailable, message: "The network \(name) was created but cannot be found.")
    }

    /// Creates a container and returns whether it is new: `false` = the name exists.
    func createContainer(name: String, body: JSONValue) async throws -> Bool {
        let answer = try await send(.POST, "/containers/create", query: [("name", name)], json: body)
        if answer.status == 201 { return true }
        if answer.saysNameTaken { return false }
        if answer.status == 404, !answer.blamesNetwork {
            throw answer.failure(to: "create the container \(name): its image is missing", code: .imageMissing)
        }
        throw answer.failure(
            to: "create the container \(name) (check memory and cpus under [local])",
            code: answer.blamesNetwork ? .networkFailed : .launchFailed
        )
    }

    func startContainer(_ name: String) async throws {
        let answer = try await send(.POST, "/containers/\(name)/start")
        let code: RuntimeError.Code = answer.blamesNetwork ? .networkFailed : .launchFailed
        try answer.require(204, 304, to: "start the container \(name)", code: code)
    }

    /// The state of a container; `nil` when there is none of this name.
    func containerState(_ name: String) async throws -> ContainerState? {
        let answer = try await send(.GET, "/containers/\(name)/json")
        if answer.status == 404 { return nil }
        try answer.require(200, to: "inspect the container \(name)")
        let state = answer.json?["State"]
        let finish = state?["FinishedAt"]?.stringValue.flatMap { LogTimestamp(rfc3339: $0) }
        return ContainerState(
            isRunning: state?["Running"]?.boolValue ?? false,
            status: state?["Status"]?.stringValue ?? "",
            exitCode: state?["ExitCode"]?.intValue,
            wasOutOfMemory: state?["OOMKilled"]?.boolValue ?? false,
            // What has not ended yet did so in the year 1.
            finishedAt: finish.flatMap { $0.seconds > 0 ? $0.date : nil }
        )
    }

    /// Returns when the container is not running; `false` when there is no such container.
    func waitForContainer(_ name: String) async throws -> Bool {
        let answer = try await send(
            .POST,
            "/containers/\(name)/wait",
            query: [("condition", "not-running")],
            timeout: .hours(24 * 365)
        )
        if answer.status == 404 { return false }
        try answer.require(200, to: "wait for the container \(name)")
        return true
    }

    /// Opens the log; `nil` when there is no such container.
    func openLogs(_ name: String, since: String?, follows: Bool) async throws -> HTTPClientResponse? {
        var query = [("follow", follows ? "1" : "0"), ("stdout", "1"), ("stderr", "1"), ("timestamps", "1")]
        if let since { query.append(("since", since)) }
        let response = try await open(.GET, "/containers/\(name)/logs", query: query, timeout: .hours(24 * 365))
        if response.status.code == 404 { return nil }
        guard response.status.code == 200 else {
            let body = try await response.body.collect(upTo: 1 << 20)
            let answer = EngineAnswer(status: Int(response.status.code), body: Array(body.readableBytesView))
            throw answer.failure(to: "read the log of the container \(name)")
        }
        return response
    }

    /// Kills at once; a container that is gone or not running is fine.
    func killContainer(_ name: String) async throws {
        let answer = try await send(.POST, "/containers/\(name)/kill", query: [("signal", "SIGKILL")])
        try await acceptUnlessRunning(answer, name: name, purpose: "kill")
    }

    /// Sends SIGTERM and, after so many seconds, SIGKILL; returns when the container has stopped.
    func stopContainer(_ name: String, seconds: Int) async throws {
        let answer = try await send(
            .POST,
            "/containers/\(name)/stop",
            query: [("t", String(seconds))],
            timeout: .seconds(Int64(seconds) + 30)
        )
        try await acceptUnlessRunning(answer, name: name, purpose: "stop")
    }

    private func acceptUnlessRunning(_ answer: EngineAnswer, name: String, purpose: String) async throws {
        if [204, 304, 404].contains(answer.status) { return }
        if let state = try await containerState(name), state.isRunning {
            throw answer.failure(to: "\(purpose) the container \(name)")
        }
    }

    func removeContainer(_ name: String) async throws {
        let answer = try await send(.DELETE, "/containers/\(name)", query: [("force", "1"), ("v", "1")])
        if answer.status == 409, answer.message.contains("already in progress") { return }
        try answer.require(200, 204, 404, to: "remove the container \(name)")
    }

    /// Every container with this label, `key=value`.
    func listContainers(label: String) async throws -> [JSONValue] {
        let filters: JSONValue = ["label": .array([.string(label)])]
        let answer = try await send(
            .GET,
            "/containers/json",
            query: [("all", "1"), ("filters", filters.compactText)]
        )
        try answer.require(200, to: "list the containers of this project")
        return answer.json?.arrayValue ?? []
    }
}
