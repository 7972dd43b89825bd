package import Domain

/// Copies a run's credentials from the store to a directory that is bound into the run.
package struct CredentialStaging: Sendable {
    private let resolver: CredentialResolver

    /// Copies what this resolver finds.
    package init(resolver: CredentialResolver) { self.resolver = resolver }

    /// Writes exactly the run's references with all their fields; when anything fails, nothing stays.
    ///
    /// The directory has mode 0700 and keeps other users out; `mount` in it has 0755 with files of 0444, so that the run's
    /// user can read them. Model keys are never among them, listed or not.
    ///
    /// - Parameters:
    ///   - references: the agent's `credentials`.
    ///   - agent: whose own instances come first.
    ///   - directory: `<project>/.al/staging/<run id>`, which must not exist.
    /// - Returns: the directory to bind, and what is in it.
    /// - Throws: ``CredentialError``.
    package func stage(
        _ references: [CredentialReference],
        for agent: AgentName,
        into directory: String
    ) throws(CredentialError) -> StagedCredentials {
        let resolved = try resolver.resolve(references, for: agent)
        var loaded = LoadedCredentials()
        for credential in resolved {
            let reference = credential.reference
            let type = try resolver.catalog.requireType(reference.type)
            guard type.exposure != .models else { continue }
            for (field, value) in try resolver.values(of: credential) where type.field(field)?.staysOnHost != true {
                loaded.set(value, reference.type, reference.stagedInstance, field)
            }
        }
        do {
            try write(loaded, into: directory)
        } catch {
            // The failure to write is what is reported; the next start removes what stays.
            try? PrivateFiles.remove(directory)
            throw error
        }
        return StagedCredentials(mountDirectory: "\(directory)/mount", credentials: loaded)
    }

    private func write(_ loaded: LoadedCredentials, into directory: String) throws(CredentialError) {
        try PrivateFiles.makeDirectory(directory)
        let mount = "\(directory)/mount"
        try PrivateFiles.makeDirectory(mount, mode: 0o755)
        for (type, instances) in loaded.values {
            try PrivateFiles.makeDirectory("\(mount)/\(type)", mode: 0o755)
            for (instance, fields) in instances {
                let place = "\(mount)/\(type)/\(instance)"
                try PrivateFiles.makeDirectory(place, mode: 0o755)
                for (field, value) in fields {
                    try PrivateFiles.write("\(value)\n", to: "\(place)/\(field)", mode: 0o444)
                }
            }
        }
    }

    /// Removes what was staged; a directory that is gone is fine.
    ///
    /// - Throws: ``CredentialError`` (`unreadable`) when it cannot be removed.
    package static func unstage(_ directory: String) throws(CredentialError) {
        if PrivateFiles.exists(directory) { try PrivateFiles.remove(directory) }
    }
}

/// Credentials that wait for a run.
package struct StagedCredentials: Sendable {
    /// Absolute path of the directory to bind.
    package let mountDirectory: String
    package let credentials: LoadedCredentials
}
