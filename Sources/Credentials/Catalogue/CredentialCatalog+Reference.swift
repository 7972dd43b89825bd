package import Domain

extension CredentialCatalog {
    /// Reads a reference that a person typed.
    ///
    /// - Throws: ``CredentialError`` (`badReference`, `unknownType`).
    package func reference(_ text: String) throws(CredentialError) -> CredentialReference {
        guard let reference = CredentialReference(text) else { throw .badReference(text) }
        _ = try requireType(reference.type)
        return reference
    }
}
