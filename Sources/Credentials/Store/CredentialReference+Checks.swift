package import Domain

extension CredentialReference {
    /// Reads `type` or `type:instance`.
    ///
    /// - Throws: ``CredentialError`` (`badReference`) for an empty or illegal part.
    package init(parsing text: String) throws(CredentialError) {
        guard let reference = CredentialReference(text) else { throw .badReference(text) }
        self = reference
    }
}
