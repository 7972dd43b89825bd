import ArgumentParser
import Credentials
import Domain

/// `al creds rotate`.
struct CredsRotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Replace the gateway's API key by a new one.",
        discussion: """
            The old key and all logins of browsers are void at once; a running scheduler takes the new one without restart. Other \
            credentials are replaced with al creds add.

            Examples:
              al creds rotate gateway_api_key
              al creds rotate gateway_api_key --show
            """
    )

    @Argument(help: ArgumentHelp("gateway_api_key", valueName: "ref"))
    var reference: String

    @Flag(name: .long, help: "Print the new key, for the dashboard's login.")
    var show = false

    func run() async throws {
        let reference = try CredentialCatalog.standard.reference(reference)
        guard reference.type == CredentialType.gatewayApiKey.id, reference.instance ?? "default" == "default" else {
            throw Failure(
                "Error: only gateway_api_key can be made anew by al. Replace \(reference) with: al creds add \(reference)"
            )
        }
        let store = CredentialStore(home: ProjectContext.defaultHome)
        let key = try GatewayKey.rotate(in: store, randomBytes: RandomText.bytes)
        Console.error("Rotated gateway_api_key: the old key and all logins are void.")
        Console.output(show ? key.value : "Saved gateway_api_key")
    }
}
