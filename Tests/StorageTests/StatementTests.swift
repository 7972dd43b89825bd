import FoundationEssentials
import GRDB
import Testing

@testable import Storage

@Suite("Statements")
struct StatementTests {
    private let connection: DatabaseQueue

    init() throws {
        connection = try DatabaseQueue()
        try connection.write { try $0.run("CREATE TABLE things (name PRIMARY KEY NOT NULL, value)") }
    }

    @Test(
        "an argument is stored as what it is",
        arguments: [
            (nil, "NULL"), (7, "7"), (Int64.min, "-9223372036854775808"), (true, "1"), (0.25, "0.25"),
            ("", "''"), ("it's ö 🦉", "'it''s ö 🦉'"), (String(repeating: "long", count: 20), nil),
            (Data(), "X''"), (Data([0, 255]), "X'00FF'"),
        ] as [((any StatementArgument & Sendable)?, String?)]
    )
    func kinds(argument: (any StatementArgument & Sendable)?, quoted: String?) throws {
        try connection.write { database in
            try database.run("INSERT INTO things VALUES ('one', ?)", [argument])
            let stored: String? = try database.value("SELECT quote(value) FROM things")
            #expect(stored == quoted ?? (argument as? String).map { "'\($0)'" })
        }
    }

    @Test("a text is found under what it was stored as, by this and by GRDB's way")
    func zeros() throws {
        try connection.write { database in
            try database.run("INSERT INTO things (name) VALUES (?)", ["a\0b"])
            let found: Int? = try database.value("SELECT 1 FROM things WHERE name = ?", ["a\0b"])
            #expect(found == 1)
            #expect(try database.row("SELECT * FROM things WHERE name = ?", ["a\0b"]) != nil)
        }
    }

    @Test("a value is the first column of the first row; nothing where there is no row or it is NULL")
    func values() throws {
        try connection.write { database in
            try database.run("INSERT INTO things VALUES ('one', 1), ('two', NULL)")
            let query = "SELECT value FROM things WHERE name = ?"
            for (name, expected) in [("one", 1), ("two", nil), ("three", nil), ("one", 1)] {
                let value: Int? = try database.value(query, [name])
                #expect(value == expected)
            }
            let last: String? = try database.value("SELECT name FROM things ORDER BY name DESC")
            #expect(last == "two")
        }
    }

    @Test("a statement that failed says why, and can be used again")
    func failure() throws {
        try connection.write { database in
            let insert = "INSERT INTO things (name) VALUES (?)"
            try database.run(insert, ["one"])
            let error = #expect(throws: DatabaseError.self) { try database.run(insert, ["one"]) }
            #expect(error?.resultCode == .SQLITE_CONSTRAINT && error?.message?.contains("things.name") == true)
            #expect(throws: DatabaseError.self) { try database.run(insert, [nil]) }
            try database.run(insert, ["two"])
            #expect(database.changesCount == 1 && database.lastInsertedRowID == 2)
        }
    }

    @Test("arguments that are too few or too many are an error", arguments: [[], ["one", "two"]])
    func numberOfArguments(arguments: [String]) throws {
        try connection.write { database in
            let error = #expect(throws: DatabaseError.self) {
                try database.run("INSERT INTO things (name) VALUES (?)", arguments)
            }
            #expect(error?.resultCode == .SQLITE_MISUSE)
        }
    }

    @Test("a query that is interrupted ends as cancelled, like GRDB's own")
    func interruption() throws {
        try connection.read { [connection] database in
            database.add(
                function: DatabaseFunction("interrupt", argumentCount: 0) { _ in
                    connection.interrupt()
                    return 0
                }
            )
            #expect(throws: CancellationError.self) {
                let _: Int? = try database.value(
                    """
                    WITH RECURSIVE numbers (number) AS (
                        SELECT interrupt() UNION ALL SELECT number + 1 FROM numbers WHERE number < 1000000)
                    SELECT count(*) FROM numbers
                    """
                )
            }
        }
    }
}
