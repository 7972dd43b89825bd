package import Domain

extension CredentialCatalog {
    /// The variables that a run's tools get for its references; of two references of one type the later wins.
    ///
    /// Empty values set nothing. The variables of `git_ssh` depend on files and are made where these are.
    package func environment(
        for references: [CredentialReference],
        reading loaded: LoadedCredentials
    ) -> [String: String] {
        var environment: [String: String] = [:]
        for reference in references {
            guard let type = type(reference.type), type.exposure == .agents || type.exposure == .provisioning,
                let values = loaded[reference.type, reference.stagedInstance]
            else { continue }
            for field in type.fields {
                guard let value = values[field.name], !value.isEmpty else { continue }
                for variable in field.variables { environment[variable] = value }
            }
        }
        return environment
    }

    /// References whose variables a later one of the same type takes over; each deserves a warning.
    package func shadowed(in references: [CredentialReference]) -> [CredentialReference] {
        references.enumerated().filter { index, reference in
            references[(index + 1)...].contains { $0.type == reference.type && $0 != reference }
        }.map(\.element)
    }

    /// What the prompt tells the model about each credential that it has, in order, each type once.
    package func contextLines(
        for references: [CredentialReference],
        reading loaded: LoadedCredentials
    ) -> [String] {
        var lines: [String] = []
        for reference in references where loaded[reference.type, reference.stagedInstance] != nil {
            guard let line = type(reference.type)?.context, !lines.contains(line) else { continue }
            lines.append(line)
        }
        return lines
    }
}
