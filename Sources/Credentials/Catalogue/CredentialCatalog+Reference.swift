package import Domain

extension CredentialCatalog {
    /// Reads a reference that a person typed.
    ///
    /// - Parameters:
    ///   - text: `type`, `type:instance` or `agent/type`.
    ///   - isAnyType: whether the type may be one that the catalogue does not have.
    /// - Returns: the reference, an agent's own instance among them.
    /// - Throws: ``CredentialError`` (`badReference`, `unknownType`).
    package func reference(
        _ text: String,
        ofAnyType isAnyType: Bool = false
    ) throws(CredentialError) -> CredentialReference {
        guard let reference = CredentialReference(text) else { throw .badReference(text) }
        if !isAnyType { _ = try requireType(reference.type) }
        // Whoever stores or removes `agent/type` means that agent's own instance.
        return reference.owner.map { CredentialReference(type: reference.type, instance: $0) } ?? reference
    }
}

extension CredentialReference {
    /// The reference by which people store or remove an instance: the bare type for the shared one.
    package static func toStored(_ type: String, _ instance: String) -> CredentialReference {
        CredentialReference(type: type, instance: instance == "default" ? nil : instance)
    }
}
