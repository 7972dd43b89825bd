import Domain
import FoundationEssentials
import GRDB
import GRDBSQLite

/// How the code here talks to SQLite: in texts that are prepared once per connection.
///
/// `run` and `value` bind and step by themselves. GRDB's own way to execute a statement costs as much again as SQLite does:
/// it converts the arguments twice, trims the statement's text to report it, and looks for observers, none of which is needed
/// in the thread that all changes wait for. What they throw is what GRDB throws.
extension Database {
    /// Executes a statement.
    func run(_ sql: String, _ arguments: [(any StatementArgument)?] = []) throws {
        try bound(sql, arguments) { statement in while try step(statement) {} }
    }

    /// The first column of the first row of a query.
    func value<Value: StatementColumnConvertible>(
        _ sql: String,
        _ arguments: [(any StatementArgument)?] = []
    ) throws -> Value? {
        try bound(sql, arguments) { statement in
            try step(statement) ? Value.fromStatement(statement, atUncheckedIndex: 0) : nil
        }
    }

    /// The first row of a query.
    func row(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Row? {
        try Row.fetchOne(try cachedStatement(sql: sql), arguments: arguments)
    }

    /// All rows of a query.
    func rows(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> [Row] {
        try Row.fetchAll(try cachedStatement(sql: sql), arguments: arguments)
    }

    /// Lets a statement be used with arguments, and leaves it without them, ready for the next use.
    private func bound<Result>(
        _ sql: String,
        _ arguments: [(any StatementArgument)?],
        _ body: (SQLiteStatement) throws -> Result
    ) throws -> Result {
        let cached = try cachedStatement(sql: sql)
        let statement = cached.sqliteStatement
        guard sqlite3_bind_parameter_count(statement) == arguments.count else {
            throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "wrong number of arguments", sql: sql)
        }
        defer {
            // The code of the reset is that of the last step, which was thrown already.
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
            withExtendedLifetime(cached) {}
        }
        // What was not bound is NULL. By their places, because a copy of such a value costs as much as to bind it.
        for place in arguments.indices {
            let code = arguments[place]?.bind(to: statement, at: CInt(place + 1)) ?? SQLITE_OK
            if code != SQLITE_OK { throw error(code, in: statement) }
        }
        return try body(statement)
    }

    /// Whether there is another row.
    private func step(_ statement: SQLiteStatement) throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        // GRDB interrupts a connection when the task that reads from it is cancelled.
        case SQLITE_INTERRUPT: throw CancellationError()
        case let code: throw error(code, in: statement)
        }
    }

    private func error(_ code: CInt, in statement: SQLiteStatement) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code),
            message: lastErrorMessage,
            sql: sqlite3_sql(statement).map { String(cString: $0) }
        )
    }
}

extension Date {
    /// The form in which times are stored: milliseconds since 1970.
    var milliseconds: Int64 { Int64(epochMilliseconds) }

    init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}
