import GRDB

@testable import Storage

/// Makes a state file as an earlier version left it.
///
/// - Parameters:
///   - path: where nothing is yet.
///   - migration: the last that the version knew.
///   - fill: puts in what that version wrote.
/// - Throws: what the database throws.
func makeOldFile(
    at path: String,
    upTo migration: String,
    fill: @escaping @Sendable (Database) throws -> Void
) async throws {
    let pool = try DatabasePool(path: path)
    try Schema.migrator.migrate(pool, upTo: migration)
    try await pool.write(fill)
    try pool.close()
}
