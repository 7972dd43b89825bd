package import Domain

/// A live run that asks one of its models, and what answers for it.
package struct ModelAccess: Sendable {
    package let instance: InstanceID
    package let agent: AgentConfig
    /// As `{"<type>":{"default":{"token":…}}}`.
    package let keys: JSONValue
}
