package import Domain
import Foundation
import OrderedCollections

/// Copies of the credentials of live runs, one directory per run: `.al/staging/<run id>/mount/<type>/<instance>/<field>`.
///
/// The directory of the run is 0700, so that no other user of this machine gets in; `mount/`, which a container sees, is
/// readable for the container's user.
package struct CredentialStaging: Sendable {
    private let store: CredentialStore
    private let own: String
    private let elsewhere: [String]
    private let root: String

    /// Stages from a store below a project, or elsewhere.
    ///
    /// - Parameters:
    ///   - store: where the credentials are.
    ///   - projectDirectory: absolute path.
    ///   - elsewhere: absolute paths of directories for this project outside of it, which only this user may use.
    ///   - prefersElsewhere: whether the first of them is used; what is left over is deleted in all places.
    package init(
        store: CredentialStore,
        projectDirectory: String,
        elsewhere: [String] = [],
        prefersElsewhere: Bool = false
    ) {
        self.store = store
        self.elsewhere = elsewhere
        own = projectDirectory + "/.al/staging"
        root = prefersElsewhere ? elsewhere.first ?? own : own
    }

    /// Whether a path is a directory of this process's user, and not a link to one.
    package static func isOwnDirectory(_ path: String) -> Bool {
        var facts = stat()
        return lstat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR && facts.st_uid == geteuid()
    }

    /// The directories of earlier runs; other users can make some with the same names, and links in their place.
    private var places: [String] { [own] + elsewhere.filter(Self.isOwnDirectory) }

    /// Writes exactly the credentials an agent declares; of brokered ones only what stands in for their secret.
    ///
    /// - Parameters:
    ///   - agent: whose credentials.
    ///   - run: for which they are.
    ///   - modelKeys: the keys of the agent's models, `{"<type>":{"default":{"token":…}}}`, for a run that cannot fetch them.
    ///   - placeholder: what stands in for the secret of a brokered reference; `nil` = nobody would put the secret in on the
    ///     way, and whoever asks may have it.
    /// - Returns: the run's staging directory; `nil` when there is nothing to stage.
    /// - Throws: ``CredentialError`` when one is missing or incomplete, belongs to the host, or two land on one place.
    package func stage(
        _ agent: AgentConfig,
        for run: RunID,
        modelKeys: JSONValue? = nil,
        placeholder: (CredentialReference) -> String?
    ) throws(CredentialError) -> String? {
        var files: [(directory: String, values: [String: String])] = []
        for (reference, instance) in try store.stagedSources(of: agent) {
            let type = try CredentialCatalog.standard.requireType(reference.type)
            guard let values = try store.read(type: reference.type, instance: instance) else {
                throw .missing([reference])
            }
            if let field = type.absentField(in: values) {
                throw .incomplete(.toStored(reference.type, instance), field: field)
            }
            let place = "\(reference.type)/\(reference.stagedInstance)"
            files.append((place, type.given(values, reference.isBrokered ? placeholder(reference) : nil)))
        }
        for (type, instances) in modelKeys?.objectValue ?? [:] {
            guard let token = instances["default"]?["token"]?.stringValue else { continue }
            files.append(("\(type)/default", ["token": token]))
        }
        guard !files.isEmpty else { return nil }
        let directory = "\(root)/\(run)"
        do {
            try write(files, into: directory)
        } catch {
            remove(run)
            throw .unwritable(directory, reason: error.localizedDescription)
        }
        return directory
    }

    /// Deletes the credentials of an ended run; fine when there are none.
    package func remove(_ run: RunID) {
        for root in places {
            // Absent is what is wanted.
            try? FileManager.default.removeItem(atPath: "\(root)/\(run)")
        }
    }

    /// Deletes the credentials of all runs but these.
    package func sweep(keeping runs: Set<RunID>) {
        for root in places {
            // No directory means that nothing was ever staged.
            for name in (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [] {
                if let run = RunID(name), runs.contains(run) { continue }
                try? FileManager.default.removeItem(atPath: "\(root)/\(name)")
            }
        }
    }

    private func write(_ files: [(directory: String, values: [String: String])], into directory: String) throws {
        let manager = FileManager.default
        if root == own { try makeDirectory(root, mode: 0o700) } else { try makeOwnDirectory(root) }
        try makeDirectory(directory, mode: 0o700)
        try makeDirectory(directory + "/mount", mode: 0o755)
        for (place, values) in files {
            var path = directory + "/mount"
            for part in place.split(separator: "/") {
                path += "/\(part)"
                try makeDirectory(path, mode: 0o755)
            }
            for (field, value) in values {
                let file = "\(path)/\(field)"
                guard manager.createFile(atPath: file, contents: Data((value + "\n").utf8)) else {
                    throw CocoaError(.fileWriteUnknown)
                }
                try manager.setAttributes([.posixPermissions: 0o444], ofItemAtPath: file)
            }
        }
    }

    /// Makes a directory where others may have been before.
    private func makeOwnDirectory(_ path: String) throws {
        if mkdir(path, 0o700) != 0 {
            guard errno == EEXIST else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
            guard Self.isOwnDirectory(path) else { throw ForeignDirectory(path: path) }
        }
        guard chmod(path, 0o700) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    private struct ForeignDirectory: LocalizedError {
        let path: String
        var errorDescription: String? {
            "\(path) is not a directory of this user. Remove it, or set XDG_RUNTIME_DIR to a directory of your own"
        }
    }

    private func makeDirectory(_ path: String, mode: Int) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }
}

extension CredentialType {
    /// What a run gets of the stored values; with something that stands in for the secret, no secret.
    fileprivate func given(_ values: [String: String], _ placeholder: String?) -> [String: String] {
        var given = values.filter { field($0.key)?.staysOnHost != true }
        guard let placeholder else { return given }
        given = given.filter { field($0.key)?.isSecret == false }
        if let brokerage { given[brokerage.field] = placeholder }
        return given
    }
}
