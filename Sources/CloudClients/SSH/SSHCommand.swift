import Domain

/// Command lines of the system's `ssh`.
struct SSHCommand: Hashable, Sendable {
    /// Without the name of the program.
    let arguments: [String]

    /// Connects in the background, as the master of a control socket, and offers something of the server at a socket of this
    /// machine, unless there is nothing to be offered.
    ///
    /// It returns once the server let us in. What goes wrong, also later, stands in the log. Without a client for half a
    /// minute the master ends by itself, so that one whose owner was killed does not stay.
    static func tunnel(
        to server: ServerAddress,
        _ files: SSHFiles,
        knownHosts: [String],
        offering end: RemoteEnd?
    ) -> SSHCommand {
        var background = ["-f", "-N", "-M", "-E", files.log]
        if let end {
            background += ["-L", "\(files.forwarded):\(end)", "-o", "ExitOnForwardFailure=yes"]
        }
        // Refused channels are news of level INFO.
        return SSHCommand(
            arguments: background + options(server, files, knownHosts: knownHosts, logLevel: "INFO") + target(server)
        )
    }

    /// Becomes a connection to an engine's socket on the server, by the command that engines have for that.
    ///
    /// It goes over the master's connection, or over one of its own once the server takes no more sessions on that
    /// (`MaxSessions`).
    static func dial(
        _ remoteSocket: String,
        of server: ServerAddress,
        _ files: SSHFiles,
        knownHosts: [String]
    ) -> SSHCommand {
        // The server's shell reads this, so the path is one of plain characters.
        let command = ["docker", "--host", "unix://\(remoteSocket)", "system", "dial-stdio"]
        let options =
            ["-T", "-o", "ControlMaster=no"] + options(server, files, knownHosts: knownHosts, logLevel: "ERROR")
        return SSHCommand(arguments: options + target(server) + command)
    }

    /// Asks over the master's connection whether a file of the server can be written; the exit code answers.
    static func testWritable(_ path: String, _ server: ServerAddress, _ files: SSHFiles) -> SSHCommand {
        // The server's shell reads this, so the path is one of plain characters.
        let control = ["-o", "ControlPath=\(files.control)", "-o", "BatchMode=yes", "-o", "LogLevel=ERROR"]
        return SSHCommand(arguments: control + target(server) + ["test", "-w", path])
    }

    /// Ends the master.
    static func exit(_ server: ServerAddress, _ files: SSHFiles) -> SSHCommand {
        SSHCommand(arguments: ["-o", "ControlPath=\(files.control)", "-O", "exit"] + target(server))
    }

    private static func target(_ server: ServerAddress) -> [String] { ["--", server.host] }

    private static func options(
        _ server: ServerAddress,
        _ files: SSHFiles,
        knownHosts: [String],
        logLevel: String
    ) -> [String] {
        let settings = [
            "BatchMode=yes", "ConnectTimeout=10", "StrictHostKeyChecking=accept-new",
            "UserKnownHostsFile=" + knownHosts.map(quoted).joined(separator: " "), "ServerAliveInterval=15",
            "ServerAliveCountMax=4", "ForwardAgent=no", "LogLevel=\(logLevel)", "ControlPath=\(files.control)",
            "ControlPersist=30",
        ]
        var options = settings.flatMap { ["-o", $0] }
        if let port = server.port { options += ["-p", String(port)] }
        if let user = server.user { options += ["-l", user] }
        // Not -i: ssh looks for that file before it makes one percent sign of two, and for the key behind it afterwards.
        if let key = server.keyPath { options += ["-o", "IdentityFile=\(quoted(key))", "-o", "IdentitiesOnly=yes"] }
        return options
    }

    /// A path as a setting: ssh takes settings apart at spaces and replaces what stands behind a percent sign.
    private static func quoted(_ path: String) -> String {
        "\"" + path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("%", with: "%%") + "\""
    }
}
