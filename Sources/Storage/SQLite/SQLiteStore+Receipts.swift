import Domain
import FoundationEssentials
import GRDB

extension SQLiteStore {
    /// Rejected deliveries that are kept.
    private static let rejectionsKept = 1000

    package func reject(_ rejection: RejectedDelivery) async throws {
        let headers = headersText(rejection.headers)
        let sources = JSONValue.array(rejection.source.map { [.string($0)] } ?? []).compactText
        try await write { database in
            try database.run(
                """
                INSERT INTO deliveries (id, first_id, type, matched_instance, received_at, event, status, reason,
                    decisions, sources, headers, body_bytes)
                VALUES (?, ?, ?, '', ?, '', 'rejected', ?, '{}', ?, ?, ?)
                """,
                [
                    rejection.id, rejection.id, rejection.type, rejection.receivedAt.milliseconds, rejection.reason,
                    sources, headers, rejection.bodyBytes,
                ]
            )
            try database.run(
                """
                DELETE FROM deliveries WHERE status = 'rejected' AND position <= (
                    SELECT position FROM deliveries WHERE status = 'rejected' ORDER BY position DESC LIMIT 1 OFFSET ?)
                """,
                [Self.rejectionsKept]
            )
        }
    }
}
