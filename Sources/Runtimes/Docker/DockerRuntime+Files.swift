import Domain
import Foundation

/// Files of this machine that a run's container is started with; they lie beside the staged credentials and go with them.
extension DockerRuntime {
    /// Writes a prompt that does not fit into a variable and returns its path.
    func promptFile(of launch: Launch) throws -> String? {
        guard RunEnvironment.needsPromptFile(launch) else { return nil }
        let directory = "\(try staging(of: launch))/prompt"
        // The outer directory keeps other users of this machine away; inside, the container's user must be able to read.
        try makeDirectory(directory, mode: 0o755)
        return try write(Array(launch.prompt.utf8), to: "\(directory)/prompt", mode: 0o644)
    }

    /// Writes the filter of system calls where the engine's own is laxer than ours, and returns its path.
    ///
    /// Podman lets a run make user and network namespaces and kernel keyrings. It takes a filter as the path of a file on its machine only,
    /// which for an engine on a socket is this one, as for everything else that is bound into a container; it reads it when the container is created.
    func seccompFile(of launch: Launch) throws -> String? {
        guard engine.dialect.isPodman, engine.endpoint.socketPath != nil else { return nil }
        return try write(
            Array(SeccompProfile.json.compactText.utf8),
            to: "\(try staging(of: launch))/seccomp.json",
            mode: 0o600
        )
    }

    private func staging(of launch: Launch) throws -> String {
        if let directory = launch.stagingDirectory { return directory }
        let directory = "\(launch.project.path)/.al/staging/\(launch.instance.run)"
        try makeDirectory(directory, mode: 0o700)
        return directory
    }

    private func makeDirectory(_ path: String, mode: Int) throws {
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: mode]
        )
    }

    private func write(_ content: [UInt8], to path: String, mode: Int) throws -> String {
        let isWritten = FileManager.default.createFile(
            atPath: path,
            contents: Data(content),
            attributes: [.posixPermissions: mode]
        )
        guard isWritten else { throw RuntimeError(code: .launchFailed, message: "\(path) could not be written.") }
        return path
    }
}
