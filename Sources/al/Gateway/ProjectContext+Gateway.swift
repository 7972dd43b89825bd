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
        let (base, identity) = try gatewayAddress()
        // Without a readable key the request goes out without one; the gateway's 401 explains itself.
        let key = try? store.read(type: "gateway_api_key", instance: "default")?["key"]
        if key != nil, let host = URL(string: base)?.host, base.hasPrefix("http://"), !LocalNetwork.contains(host) {
            Console.error("Warning: the gateway's key goes to \(host) over plain http; use https in gateway.url.")
        }
        return GatewayClient(baseURL: base, key: key ?? nil, environment: environment, identity: identity)
    }

    /// Whether the scheduler is one of this machine, so that its files can answer in its place.
    var isLocal: Bool {
        get throws {
            let (base, identity) = try gatewayAddress()
            if case .unknown = identity { return false }
            guard let host = URL(string: base)?.host else { return true }
            return LocalNetwork.isLoopback(host)
        }
    }

    /// Where the scheduler answers, and what is known of whoever answers there.
    ///
    /// A written URL says it. On this machine the lock does: a port alone may be another project's, but is all there is for
    /// those who may not read the lock.
    private func gatewayAddress() throws -> (url: String, identity: GatewayClient.Identity) {
        let project = try load()
        if let problem = try project.problems.first(where: hidesScheduler(in: project)) {
            throw problem
        }
        let settings = project.config.gateway
        if let url = settings.url { return (url, .own) }
        try refuseElsewhere(project)
        // Not by the name, which others of this machine may answer to on [::1]: the key goes there.
        let configured = "http://127.0.0.1:\(settings.port)"
        let state = directory + "/.al"
        return switch ProjectLock.state(stateDirectory: state) {
        case .held(let owner?): ("http://127.0.0.1:\(owner.port)", .own)
        // Whoever is on the configured port meanwhile may be another project's.
        case .held(nil):
            throw Failure(
                "Error: A scheduler of this project is starting, and \(state)/scheduler.lock does not say yet where it "
                    + "answers. Try again in a moment, or set gateway.url.",
                code: "gateway.starting"
            )
        case .free: (configured, .stranger)
        case .unknown(let path): (configured, .unknown(lock: path))
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

    /// Ends the command when the environment is one of another machine, which only a URL could name.
    private func refuseElsewhere(_ project: LoadedProject) throws {
        guard let name = project.environment else { return }
        let files = EnvironmentFiles(home: home)
        // With a `[cloud]` only the containers are elsewhere.
        guard files.kind(of: name) == .server else { return }
        throw Failure(
            "Configuration error: environment `\(name)` (server) does not say where its scheduler answers: "
                + "set gateway.url in \(try files.path(of: name))",
            code: "gateway.no-url"
        )
    }
}
