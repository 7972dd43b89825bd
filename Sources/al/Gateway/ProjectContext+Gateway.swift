import Credentials
import Domain
import Foundation
import Project
import Scheduler

extension ProjectContext {
    /// A client of this project's scheduler.
    ///
    /// - Throws: ``Failure`` when the files do not say which scheduler that is.
    func gatewayClient() throws -> GatewayClient {
        // Without a readable key the request goes out without one; the gateway's 401 explains itself.
        let key = try? store.read(type: "gateway_api_key", instance: "default")?["key"]
        let project = try load()
        switch try gatewayAddress(of: project) {
        case .server(var server):
            server.address = try withStoredKey(server.address)
            let tunnel = try OpenTunnels.all.tunnel(to: server, home: home)
            return GatewayClient(through: tunnel, to: server.gatewayPort, key: key ?? nil)
        case .url(let base, let identity):
            if key != nil, let host = URL(string: base)?.host, base.hasPrefix("http://"), !LocalNetwork.contains(host) {
                Console.error("Warning: the gateway's key goes to \(host) over plain http; use https in gateway.url.")
            }
            return GatewayClient(baseURL: base, key: key ?? nil, start: startAdvice(for: project), identity: identity)
        case .starting(let lock):
            throw Failure(
                "Error: A scheduler of this project is starting, and \(lock) does not say yet where it answers. "
                    + "Try again in a moment, or set gateway.url.",
                code: "gateway.starting"
            )
        }
    }

    private func startAdvice(for project: LoadedProject) -> String {
        guard serverEnvironment(of: project) == nil else { return "on the server, with: al start" }
        return "with: al start" + (environment.map { " -E \($0)" } ?? "")
    }

    /// A server with the key that opens it: the one that is written, else that of `vps_ssh`, else ssh's own choice.
    func withStoredKey(_ server: ServerAddress) throws -> ServerAddress {
        guard server.keyPath == nil, try store.read(type: "vps_ssh", instance: "default")?["private_key"] != nil else {
            return server
        }
        var server = server
        server.keyPath = store.root + "/vps_ssh/default/private_key"
        return server
    }

    /// What to say where no scheduler answers, or where the files do not tell which one is meant; `nil` when one does.
    func schedulerAbsence() async -> String? {
        let client: GatewayClient
        do {
            client = try gatewayClient()
        } catch {
            return "Locks, calls and signals have no effect: \(Failure(error)?.message ?? "\(error)")"
        }
        guard await !client.isAlive() else { return nil }
        return "No scheduler answers at \(client.baseURL): locks, calls and signals have no effect. "
            + "Start it \(client.start)"
    }

    /// Whether the scheduler is one of this machine, so that its files can answer in its place.
    var isLocal: Bool {
        get throws {
            switch try gatewayAddress(of: load()) {
            case .server, .url(_, .unknown): return false
            case .starting: return true
            case .url(let base, _):
                guard let host = URL(string: base)?.host else { return true }
                return LocalNetwork.isLoopback(host)
            }
        }
    }

    /// Whether a scheduler of this project runs on this machine.
    var hasSchedulerHere: Bool {
        if case .held = ProjectLock.state(stateDirectory: directory + "/.al") { true } else { false }
    }

    private enum GatewayAddress {
        case url(String, GatewayClient.Identity)
        /// A server that alone reaches it.
        case server(EnvironmentServer)
        /// It runs on this machine, and its lock does not say yet where it answers.
        case starting(lock: String)
    }

    /// Where the scheduler answers, and what is known of whoever answers there.
    ///
    /// A written URL says it, else the environment's server. On this machine the lock does: a port alone may be another
    /// project's, but is all there is for those who may not read the lock.
    private func gatewayAddress(of project: LoadedProject) throws -> GatewayAddress {
        if let problem = try project.problems.first(where: hidesScheduler(in: project)) {
            throw problem
        }
        let settings = project.config.gateway
        if let url = settings.url { return .url(url, .own) }
        if let problem = project.problems.first(where: \.hidesServer) { throw problem }
        if let server = project.server {
            let problem = project.problems.first { $0.isError && $0.keyPath == "gateway.port" }
            if let problem { throw problem }
            return .server(server)
        }
        // Not by the name, which others of this machine may answer to on [::1]: the key goes there.
        let configured = "http://127.0.0.1:\(settings.port)"
        let state = directory + "/.al"
        return switch ProjectLock.state(stateDirectory: state) {
        case .held(let owner?): .url("http://127.0.0.1:\(owner.port)", .own)
        // Whoever is on the configured port meanwhile may be another project's.
        case .held(nil): .starting(lock: state + "/scheduler.lock")
        case .free: .url(configured, .stranger)
        case .unknown(let path): .url(configured, .unknown(lock: path))
        }
    }

    /// Finds problems behind which another scheduler than the one of this machine may be meant.
    private func hidesScheduler(in project: LoadedProject) throws -> (Problem) -> Bool {
        let selected = try project.environment.map { try EnvironmentFiles(home: home).path(of: $0) }
        return { problem in
            guard problem.isError else { return false }
            let isUnread = problem.code == .configSyntax && [".env.toml", selected].contains(problem.file)
            return isUnread || ["environment", "gateway", "gateway.url"].contains(problem.keyPath)
        }
    }

    /// Ends the command when the scheduler of the environment belongs on another machine.
    func refuseServer() throws {
        let project = try load()
        guard let name = serverEnvironment(of: project) else { return }
        let port = project.server?.gatewayPort ?? EnvironmentServer.usualPort
        throw Failure(
            "Configuration error: the scheduler of environment `\(name)` (server) belongs on that server, and al cannot "
                + "start it there yet: run al start on the server itself, with --port \(port); the other commands reach it "
                + "by ssh, or by gateway.url.",
            code: "start.elsewhere"
        )
    }

    /// The environment of a project, when its scheduler is on another machine: with a `[cloud]` only the containers are.
    func serverEnvironment(of project: LoadedProject) -> String? {
        project.environment.flatMap { EnvironmentFiles(home: home).kind(of: $0) == .server ? $0 : nil }
    }
}

extension Problem {
    /// Whether because of it nobody knows which server an environment means.
    fileprivate var hidesServer: Bool {
        isError && (code == .environmentConflict || keyPath == "server" || keyPath?.hasPrefix("server.") == true)
    }
}
