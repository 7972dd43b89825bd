import Credentials
import Domain

/// Asks for a credential that is missing.
enum CredentialRepair {
    /// Offers the questions of `al creds add`.
    static func adding(_ reference: CredentialReference) -> Finding.Repair {
        Finding.Repair(question: "Add \(reference) now?") {
            try await CredsAdd.add(reference)
            return "Stored \(reference)"
        }
    }
}
