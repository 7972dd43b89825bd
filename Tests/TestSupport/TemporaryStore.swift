import Foundation
package import Storage

/// Opens an empty SQLite store in a directory of its own, hands it over, and deletes the directory.
///
/// - Parameter body: What to do with the store.
/// - Returns: What it returned.
/// - Throws: What it threw.
package func withTemporaryStore<Value>(
    _ body: (SQLiteStore) async throws -> Value
) async throws -> Value {
    try await withTemporaryDirectory { directory in
        try await body(try SQLiteStore(path: directory + "/.al/state.db"))
    }
}

/// Creates an empty directory, hands over its path, and deletes it with everything in it.
///
/// - Parameter body: What to do in the directory.
/// - Returns: What it returned.
/// - Throws: What it threw.
package func withTemporaryDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let path = NSTemporaryDirectory() + "al-test-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    do {
        let value = try await body(path)
        try FileManager.default.removeItem(atPath: path)
        return value
    } catch {
        // The failure of the test counts; a directory left behind in the temporary folder does not.
        try? FileManager.default.removeItem(atPath: path)
        throw error
    }
}
