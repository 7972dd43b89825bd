import Credentials
import Domain
import Foundation
import Runtimes

#if os(Linux)
    import CLinux
#endif

/// Where the credentials of live runs are put: below `.al`, unless other machines could see them there or nothing keeps
/// other users out.
enum StagingPlace {
    /// The staging of a project's runs.
    static func staging(from store: CredentialStore, for project: ProjectDirectory) -> CredentialStaging {
        let environment = ProcessInfo.processInfo.environment
        return CredentialStaging(
            store: store,
            projectDirectory: project.path,
            elsewhere: elsewhere(for: project.id, runtimeDirectory: environment["XDG_RUNTIME_DIR"], user: geteuid()),
            prefersElsewhere: isUnfit(fileSystem: fileSystem(of: project.path + "/.al"))
        )
    }

    /// A project's directories in memory: in the user's own place for such things, else in the one that all users share.
    ///
    /// The first is to be used, the others are where a process with another environment would have staged.
    static func elsewhere(for project: ProjectID, runtimeDirectory: String?, user: UInt32) -> [String] {
        let shared = "/dev/shm/al-\(user)-\(project.rawValue)"
        let usual = "/run/user/\(user)"
        // One that sudo has left in the environment is somebody else's.
        guard let runtimeDirectory, runtimeDirectory.hasPrefix("/"),
            CredentialStaging.isOwnDirectory(runtimeDirectory)
        else { return [shared, "\(usual)/al-\(project.rawValue)"] }
        let own = [runtimeDirectory] + (runtimeDirectory == usual ? [] : [usual])
        return own.map { "\($0)/al-\(project.rawValue)" } + [shared]
    }

    /// Whether a file system, by its magic number (statfs(2)), is on a network or knows no permissions.
    static func isUnfit(fileSystem: UInt32) -> Bool { unfit.contains(fileSystem) }

    private static let unfit: Set<UInt32> = [
        0x6969,  // NFS
        0x517B, 0xFE53_4D42, 0xFF53_4D42,  // SMB and CIFS
        0x0102_1997,  // 9P
        0x00C3_6400,  // Ceph
        0x5346_414F, 0x6B41_4653,  // AFS
        0x6573_5546,  // FUSE: sshfs and shares of virtual machines
        0x4D44, 0x2011_BAB0,  // FAT and exFAT
    ]

    private static func fileSystem(of path: String) -> UInt32 {
        #if os(Linux)
            return file_system_kind(path)
        #else
            return 0
        #endif
    }
}
