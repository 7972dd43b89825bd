package import Domain

extension CredentialCatalog {
    /// Reads a reference that a person typed.
    ///
    /// - Throws: ``CredentialError`` (`badReference`, `unknownType`).
    package func reference(_ text: String) throws(CredentialError) -> CredentialReference {
        guard let reference = CredentialReference(text) else { throw .badReference(text) }
        _ = try requireType(reference.type)
        // Whoever stores or removes `agent/type` means that agent's own instance.
        return reference.owner.map { CredentialReference(type: reference.type, instance: $0) } ?? reference
    }
}
