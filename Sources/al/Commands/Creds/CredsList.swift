import ArgumentParser
import Credentials
import Domain
import OrderedCollections
import Terminal

/// `al creds ls`.
struct CredsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List what is stored; values are never shown.",
        discussion: """
            In a project's directory it also says which agents use a credential, and which credentials are missing.

            Examples:
              al creds ls
              al creds ls --json
            """,
        aliases: ["list"]
    )

    @Flag(name: .long, help: "One JSON document.")
    var json = false

    func run() async throws {
        let listing = try CredentialListing(
            store: CredentialStore(home: ProjectContext.defaultHome),
            needs: ProjectContext.needsOfCurrentDirectory()
        )
        if json { return Console.output(json: listing.json) }
        for line in listing.lines(style: Console.style, width: Console.width) { Console.outputStyled(line) }
        if let warning = listing.warning { Console.error("Warning: \(warning)") }
    }
}

/// What `al creds ls` shows.
struct CredentialListing {
    private let store: CredentialStore
    private let entries: [CredentialStore.Entry]
    /// `<type>/<instance>` → agents of the project in the current directory.
    private let users: [String: [AgentName]]
    private let missing: [(reference: CredentialReference, agents: [AgentName])]

    /// Reads the store; without needs there is no project.
    init(store: CredentialStore, needs: CredentialNeeds?) throws {
        self.store = store
        entries = try store.list()
        users = try needs?.users(in: store) ?? [:]
        missing =
            try needs.map { needs in
                try needs.missing(in: store).map { ($0, needs.agents(needing: $0)) }
            } ?? []
    }

    /// Rights that are wider than necessary.
    var warning: String? {
        guard !store.widelyOpenPaths().isEmpty else { return nil }
        return "others than you may use parts of the store. Close it with: chmod -R go= \(store.root)"
    }

    /// The listing as a document.
    var json: JSONValue {
        .object([
            "credentials": .array(
                entries.map { entry in
                    [
                        "type": .string(entry.type), "instance": .string(entry.instance),
                        "fields": .array(entry.fields.map(JSONValue.string)), "usedBy": names(using: entry),
                    ]
                }
            ),
            "missing": .array(
                missing.map { need in
                    [
                        "ref": .string(need.reference.description),
                        "neededBy": .array(need.agents.map { .string($0.rawValue) }),
                    ]
                }
            ),
        ])
    }

    /// The listing for people.
    func lines(style: Style, width: Int?) -> [String] {
        var lines: [String] = entries.isEmpty ? ["No credentials in \(store.root)."] : []
        var type = ""
        for entry in entries {
            if entry.type != type {
                type = entry.type
                let label = CredentialCatalog.standard.type(type)?.label ?? type
                lines += ["", "  \(style.bold(label.printable)) (\(type.printable))"]
            }
            let reference = entry.instance == "default" ? type : "\(type):\(entry.instance)"
            let line = "    \(reference)  (\(entry.fields.joined(separator: ", ")))".printable
            let agents = (users["\(entry.type)/\(entry.instance)"] ?? []).map(\.rawValue)
            lines += agents.isEmpty ? [line] : fitted(line, "used by \(agents.joined(separator: ", "))", style, width)
        }
        guard !missing.isEmpty else { return lines }
        lines += ["", "  \(style.yellow("Missing in this project"))"]
        for need in missing {
            let agents = need.agents.map(\.rawValue).joined(separator: ", ")
            lines += fitted(
                "    \(need.reference)",
                "needed by \(agents): al creds add \(need.reference)",
                style,
                width
            )
        }
        return lines
    }

    /// A note behind a line, or below it where the terminal is too narrow.
    private func fitted(_ line: String, _ note: String, _ style: Style, _ width: Int?) -> [String] {
        let isNarrow = width.map { displayWidth(of: line) + 2 + displayWidth(of: note) > $0 } ?? false
        return isNarrow ? [line, "      " + style.dim(note)] : [line + "  " + style.dim(note)]
    }

    private func names(using entry: CredentialStore.Entry) -> JSONValue {
        .array((users["\(entry.type)/\(entry.instance)"] ?? []).map { .string($0.rawValue) })
    }
}
