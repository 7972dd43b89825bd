extension CredentialType {
    static let stateDatabase = CredentialType(
        id: "state_database",
        label: "State Database",
        summary: "Password of the database that holds the state of schedulers",
        fields: [.secret("password")],
        exposure: .host
    )
}
