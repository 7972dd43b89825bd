import Domain
import Foundation

/// The files of a run where the engine does not see this machine's: volumes of the run's own, filled by the engine.
struct RunVolumes: Sendable {
    /// One volume.
    struct Volume: Sendable {
        var name: String
        /// Where the run sees it.
        var mountPoint: String
        /// What is put into it.
        var archive: [UInt8]
    }

    let all: [Volume]
    /// Where the run finds its prompt; `nil` = it fits into a variable.
    let promptPath: String?

    /// The user that runs are.
    private static let owner = 1000

    /// Reads what a run gets.
    ///
    /// - Throws: ``RuntimeError`` (`launchFailed`) when a staged file cannot be read.
    init(_ launch: Launch) throws {
        var volumes: [Volume] = []
        if let staging = launch.stagingDirectory {
            let name = Self.credentials(of: launch.instance.run)
            let archive = try Self.archive(of: "\(staging)/mount")
            volumes.append(Volume(name: name, mountPoint: "/credentials", archive: archive))
        }
        if RunEnvironment.needsPromptFile(launch) {
            var archive = TarArchive(owner: Self.owner)
            archive.addFile("prompt", Array(launch.prompt.utf8), mode: 0o400)
            let name = Self.prompt(of: launch.instance.run)
            volumes.append(
                Volume(name: name, mountPoint: ContainerSpec.promptPath, archive: try archive.finished().bytes())
            )
            promptPath = "\(ContainerSpec.promptPath)/prompt"
        } else {
            promptPath = nil
        }
        all = volumes
    }

    /// As a container's configuration names them.
    ///
    /// The engine could not fill what it mounts read-only; modes and dropped capabilities keep the run from writing.
    var binds: [String] { all.map { "\($0.name):\($0.mountPoint)" } }

    /// The names that volumes of a run can have.
    static func names(of run: RunID) -> [String] { [credentials(of: run), prompt(of: run)] }

    private static func credentials(of run: RunID) -> String { "al-c-\(run)" }
    private static func prompt(of run: RunID) -> String { "al-p-\(run)" }

    /// A directory with everything below it, readable for the run alone.
    private static func archive(of directory: String) throws -> [UInt8] {
        var archive = TarArchive(owner: owner)
        let files = FileManager.default
        for path in (files.enumerator(atPath: directory)?.allObjects as? [String] ?? []).sorted() {
            var isDirectory: ObjCBool = false
            guard files.fileExists(atPath: "\(directory)/\(path)", isDirectory: &isDirectory) else { continue }
            if isDirectory.boolValue {
                archive.addDirectory(path, mode: 0o500)
            } else if let content = files.contents(atPath: "\(directory)/\(path)") {
                archive.addFile(path, [UInt8](content), mode: 0o400)
            } else {
                throw RuntimeError(code: .launchFailed, message: "The staged file \(directory)/\(path) cannot be read.")
            }
        }
        return try archive.finished().bytes()
    }
}
