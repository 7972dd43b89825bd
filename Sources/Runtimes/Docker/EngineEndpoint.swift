import Crypto
import Domain
import Foundation

/// Where a container engine may listen.
package struct EngineEndpoint: Hashable, Sendable, CustomStringConvertible {
    /// `http+unix://…`, `http://…` or `https://…`, without a slash at the end.
    package private(set) var baseURL: String
    /// As people write it: `unix:///var/run/docker.sock`.
    package let description: String
    /// Path of the socket of an engine of this machine; `nil` for all others.
    package let socketPath: String?
    /// How it is known over a network; `nil` = it is not.
    private(set) var tls: EngineTLS?

    /// Whether it is reached over a network, where a connection may die without a word.
    var isNetworked: Bool { !baseURL.hasPrefix("http+unix://") }

    /// Whether the engine is another machine's: its containers do not find this one as theirs.
    var isElsewhere: Bool {
        guard isNetworked, let host = URL(string: baseURL)?.host else { return false }
        let isHere = ["localhost", "::1", ProcessInfo.processInfo.hostName].contains(host) || host.hasPrefix("127.")
        return !(isHere || LocalAddress.exists(host))
    }

    /// Whether the engine sees this machine's files, so that containers can get some of them.
    var sharesFiles: Bool { socketPath != nil }

    /// An endpoint on a unix socket.
    package init(socketPath: String) {
        self.init(
            baseURL: Self.baseURL(ofSocket: socketPath),
            description: "unix://\(socketPath)",
            socketPath: socketPath
        )
    }

    /// The socket of another machine's engine, offered at a path of this one; `description` names the engine.
    package init(forwardedTo path: String, from description: String) {
        self.init(baseURL: Self.baseURL(ofSocket: path), description: description, socketPath: nil)
    }

    private static func baseURL(ofSocket socketPath: String) -> String {
        "http+unix://\(socketPath.percentEncoded)"
    }

    private init(baseURL: String, description: String, socketPath: String?) {
        self.baseURL = baseURL
        self.description = description
        self.socketPath = socketPath
    }

    /// Reads `unix://path` or `tcp://host:port`; `nil` for other schemes (`ssh://` is ``RemoteEngine``).
    package init?(dockerHost text: String) {
        if text.hasPrefix("unix://") {
            self.init(socketPath: String(text.dropFirst("unix://".count)))
        } else if text.hasPrefix("tcp://") || text.hasPrefix("http://") {
            guard let address = Self.address(in: text, usualPort: 2375) else { return nil }
            self.init(baseURL: "http://\(address)", description: text, socketPath: nil)
        } else {
            return nil
        }
    }

    /// Host, port and path of an address with a scheme, without a slash at the end; `nil` where it has nothing else.
    private static func address(in text: String, usualPort: Int) -> String? {
        let all = text.drop { $0 != ":" }.dropFirst(3)
        let address = all.hasSuffix("/") ? all.dropLast() : all
        guard !address.isEmpty else { return nil }
        guard URL(string: "http://\(address)")?.port == nil else { return String(address) }
        let host = address.prefix { $0 != "/" }
        return "\(host):\(usualPort)\(address.dropFirst(host.count))"
    }

    /// The places to look for an engine, best first.
    ///
    /// `DOCKER_HOST` alone when it is set; else the docker CLI's context, the system's socket, those of the user and of Podman.
    ///
    /// - Parameters:
    ///   - environment: of this process.
    ///   - readFile: content of a file, `nil` when it cannot be read.
    ///   - mayExist: whether a file is there, readable or not.
    /// - Returns: without repetitions; empty when `DOCKER_HOST` has a scheme that is not supported.
    package static func candidates(
        environment: [String: String],
        readFile: (String) -> [UInt8]?,
        mayExist: (String) -> Bool
    ) -> [EngineEndpoint] {
        if let host = dockerHost(environment) {
            return EngineEndpoint(dockerHost: host).map { [$0.secured(environment, readFile, mayExist)] } ?? []
        }
        var found: [EngineEndpoint] = []
        if let context = contextHost(environment: environment, readFile: readFile),
            let endpoint = EngineEndpoint(dockerHost: context)
        {
            found.append(endpoint.secured(environment, readFile, mayExist))
        }
        found.append(EngineEndpoint(socketPath: "/var/run/docker.sock"))
        if let runtimeDirectory = environment["XDG_RUNTIME_DIR"], !runtimeDirectory.isEmpty {
            found.append(EngineEndpoint(socketPath: "\(runtimeDirectory)/docker.sock"))
            found.append(EngineEndpoint(socketPath: "\(runtimeDirectory)/podman/podman.sock"))
        }
        found.append(EngineEndpoint(socketPath: "/run/podman/podman.sock"))
        var seen: Set<EngineEndpoint> = []
        return found.filter { seen.insert($0).inserted }
    }

    /// The same one, spoken to over TLS where that is set up for it: by `DOCKER_TLS_VERIFY`, or in the docker CLI's context.
    ///
    /// Whoever set it up did so to keep others out and to know whom he speaks with.
    private func secured(
        _ environment: [String: String],
        _ readFile: (String) -> [UInt8]?,
        _ mayExist: (String) -> Bool
    ) -> EngineEndpoint {
        guard isNetworked, let tls = Self.tls(environment, readFile, mayExist),
            let address = Self.address(in: description, usualPort: 2376)
        else { return self }
        var secured = self
        secured.baseURL = "https://\(address)"
        secured.tls = tls
        return secured
    }

    /// What is set up for TLS; `nil` = nothing.
    private static func tls(
        _ environment: [String: String],
        _ readFile: (String) -> [UInt8]?,
        _ mayExist: (String) -> Bool
    ) -> EngineTLS? {
        if dockerHost(environment) == nil, let context = contextDirectory(environment, readFile) {
            let endpoint = contextEndpoint(environment: environment, readFile: readFile)
            if endpoint?["SkipTLSVerify"]?.boolValue == true { return .unverified }
            let directory = "\(context.directory)/contexts/tls/\(context.digest)/docker"
            // One that cannot be read must not make it plain text.
            if EngineTLS.names.contains(where: { mayExist("\(directory)/\($0)") }) {
                return .files(directory: directory, needsAuthority: false)
            }
        }
        func text(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        guard text("DOCKER_TLS_VERIFY") != nil else { return text("DOCKER_TLS") == nil ? nil : .unverified }
        let directory = text("DOCKER_CERT_PATH") ?? text("DOCKER_CONFIG") ?? "\(environment["HOME"] ?? "")/.docker"
        return .files(directory: directory, needsAuthority: true)
    }

    /// The engine that somebody chose: `DOCKER_HOST`, else the docker CLI's current context; `nil` = nobody did.
    static func chosenHost(environment: [String: String], readFile: (String) -> [UInt8]?) -> String? {
        dockerHost(environment) ?? contextHost(environment: environment, readFile: readFile)
    }

    private static func dockerHost(_ environment: [String: String]) -> String? {
        environment["DOCKER_HOST"].flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func contextHost(environment: [String: String], readFile: (String) -> [UInt8]?) -> String? {
        contextEndpoint(environment: environment, readFile: readFile)?["Host"]?.stringValue
    }

    /// The engine of the docker CLI's current context (`contexts/meta/<sha256 of the name>/meta.json`).
    private static func contextEndpoint(environment: [String: String], readFile: (String) -> [UInt8]?) -> JSONValue? {
        guard let context = contextDirectory(environment, readFile) else { return nil }
        let meta = document("\(context.directory)/contexts/meta/\(context.digest)/meta.json", readFile)
        return meta?["Endpoints"]?["docker"]
    }

    /// Where the CLI's configuration is, and the digest that stands for its current context; `nil` = the default one.
    private static func contextDirectory(
        _ environment: [String: String],
        _ readFile: (String) -> [UInt8]?
    ) -> (directory: String, digest: String)? {
        let home = environment["HOME"].map { "\($0)/.docker" }
        guard let directory = environment["DOCKER_CONFIG"] ?? home else { return nil }
        let name =
            environment["DOCKER_CONTEXT"]
            ?? document("\(directory)/config.json", readFile)?["currentContext"]?.stringValue
        guard let name, !name.isEmpty, name != "default" else { return nil }
        return (directory, SHA256.hash(data: Data(name.utf8)).hexText)
    }

    /// A configuration that cannot be parsed is the CLI's to complain about; the well-known sockets still count.
    private static func document(_ path: String, _ readFile: (String) -> [UInt8]?) -> JSONValue? {
        readFile(path).flatMap { try? JSONValue(parsing: $0) }
    }
}
