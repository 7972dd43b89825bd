package import Domain
import Foundation

/// A socket or a port of a server, offered on this machine through one ssh connection that is made when it is needed.
///
/// The connection belongs to an `ssh` process of its own session: a signal at our terminal is none for it.
package actor SSHTunnel {
    package nonisolated let server: ServerAddress
    nonisolated let files: SSHFiles
    private let offered: RemoteEnd
    private let knownHosts: [String]
    private let program: SSHProgram
    private var isConnecting = false
    /// What carries connections by commands, where the server forwards no sockets.
    private var carrier: Carrier?
    private var usesCommands = false
    private(set) var waiting: [CheckedContinuation<Attempt, Never>] = []

    private struct Carrier {
        var listener: LocalListener
        var work: Task<Void, Never>
    }

    enum Attempt: Sendable {
        case connected
        case failed(SSHError)
        /// The task that connected was cancelled.
        case abandoned
    }

    /// Prepares a tunnel; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - server: where to.
    ///   - end: what is offered.
    ///   - files: where the sockets are at this machine.
    ///   - knownHosts: files with host keys; new ones are written to the first.
    ///   - program: runs `ssh`.
    package init(
        to server: ServerAddress,
        end: RemoteEnd,
        files: SSHFiles,
        knownHosts: [String],
        program: SSHProgram
    ) {
        self.server = server
        offered = end
        self.files = files
        self.knownHosts = knownHosts
        self.program = program
    }

    /// Path of the socket at this machine; it answers once ``connect()`` has returned.
    package nonisolated var localSocket: String { files.forwarded }

    /// Connects unless that is done; those who ask meanwhile share the attempt and its failure.
    ///
    /// - Throws: ``SSHError``, or `CancellationError`.
    package func connect() async throws {
        while isConnecting {
            switch await withCheckedContinuation({ waiting.append($0) }) {
            case .connected: return
            case .failed(let error): throw error
            case .abandoned: try Task.checkCancellation()
            }
        }
        guard !isConnected else { return }
        isConnecting = true
        do {
            try await establish()
            finish(.connected)
        } catch let error as SSHError {
            finish(.failed(error))
            throw error
        } catch {
            finish(.abandoned)
            throw error
        }
    }

    /// Ends the connection; ``connect()`` makes a new one.
    package func close() async {
        if files.hasMaster {
            // A master that cannot be told ends by itself once nobody uses it.
            _ = try? await program.run(SSHCommand.exit(server, files).arguments, server)
        }
        await stopCarrying()
        files.remove()
    }

    /// From now on carries each connection by a command of the server's engine (`docker system dial-stdio`), for a server
    /// that forwards no sockets; ``connect()`` makes the connection for it.
    ///
    /// - Returns: whether that is new, and the engine is what is offered.
    package func useCommands() async -> Bool {
        guard !usesCommands, case .socket = offered else { return false }
        usesCommands = true
        await close()
        return true
    }

    /// Why nobody answered on the server although we are connected; `nil` = ssh knows of no reason.
    ///
    /// A server says the same of a socket that is not there and of one that it forbids to forward, so it is asked for the first.
    package func refusal() async throws -> SSHError? {
        if let dialing {
            let end = try await program.run(dialing.arguments, server)
            return end.code == 0 ? nil : .forwardingForbidden(server, commandSaid: end.errorText)
        }
        guard let line = refusals.last else { return nil }
        switch offered {
        case .port(let port):
            return line.contains("prohibited") ? .forwardingForbidden(server, port) : .nothingListens(server, port)
        case .socket(let path):
            let end = try await program.run(SSHCommand.testWritable(path, server, files).arguments, server)
            return end.code == 0 ? .forwardingForbidden(server) : .socketUnreachable(server, path)
        }
    }

    /// How often the server has refused to pass on a connection since ``connect()`` made ours.
    package nonisolated var refusalCount: Int { refusals.count }

    private nonisolated var refusals: [Substring] {
        files.logText.split(whereSeparator: \.isNewline).filter { $0.contains("open failed") }
    }

    private func establish() async throws {
        await stopCarrying()
        // It may change while ssh connects; then this connection is the other kind, and the next call makes a new one.
        let byCommands = usesCommands
        try files.restore()
        files.clear()
        if let hosts = knownHosts.first { SSHFiles.makeParent(of: hosts) }
        let command = SSHCommand.tunnel(
            to: server,
            files,
            knownHosts: knownHosts,
            offering: byCommands ? nil : offered
        )
        let end = try await program.run(command.arguments, server)
        try Task.checkCancellation()
        guard end.code == 0 else {
            throw SSHError(reading: files.logText + end.errorText, of: server, socket: files.forwarded) { path in
                FileManager.default.contents(atPath: path).map { [UInt8]($0) }
            }
        }
        if byCommands { try startCarrying() }
    }

    private var isConnected: Bool { files.hasMaster && (carrier != nil || !usesCommands) }

    /// Offers the socket here, a command for each connection.
    private func startCarrying() throws {
        guard let arguments = dialing?.arguments else { return }
        let listener = try LocalListener(at: files.forwarded)
        // It lives as long as the connection, not as the call that made it; ``stopCarrying()`` ends and awaits it.
        let work = Task { [program] in
            await withDiscardingTaskGroup { group in
                for await connection in listener.connections {
                    // Whoever connected sees an end; why, is for those who ask for the ``refusal()``.
                    group.addTask { _ = try? await program.carry(arguments, connection) }
                }
                group.cancelAll()
            }
        }
        carrier = Carrier(listener: listener, work: work)
    }

    private func stopCarrying() async {
        guard let carrier else { return }
        self.carrier = nil
        carrier.listener.close()
        await carrier.work.value
    }

    /// What carries one connection; `nil` where sockets and ports are forwarded.
    private var dialing: SSHCommand? {
        guard usesCommands, case .socket(let path) = offered else { return nil }
        return .dial(path, of: server, files, knownHosts: knownHosts)
    }

    private func finish(_ attempt: Attempt) {
        isConnecting = false
        let others = waiting
        waiting = []
        for other in others { other.resume(returning: attempt) }
    }
}

extension SSHTunnel {
    /// Prepares a tunnel of this user's, with the system's `ssh`; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - server: where to.
    ///   - end: what is offered.
    ///   - home: the user's directory, normally `~/.action-llama`.
    ///   - environment: of this process.
    ///   - clock: limits how long `ssh` may take.
    /// - Throws: ``SSHError`` (`directory`).
    package init(
        to server: ServerAddress,
        end: RemoteEnd,
        home: String,
        environment: [String: String],
        clock: any Clock<Duration>
    ) throws {
        let ownHosts = environment["HOME"].map { "\($0)/.ssh/known_hosts" }
        self.init(
            to: server,
            end: end,
            files: try SSHFiles(runtimeDirectory: environment["XDG_RUNTIME_DIR"], home: home),
            knownHosts: ["\(home)/known_hosts", ownHosts].compactMap(\.self),
            program: SSHProgram(environment: environment, clock: clock)
        )
    }
}
