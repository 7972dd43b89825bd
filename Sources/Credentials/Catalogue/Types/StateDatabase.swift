extension CredentialType {
    static let stateDatabase = CredentialType(
        id: "state_database",
        label: "State Database",
        fields: [.secret("password")],
        exposure: .host
    )
}
