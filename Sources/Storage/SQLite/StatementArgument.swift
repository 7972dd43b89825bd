import FoundationEssentials
import GRDB
import GRDBSQLite

/// What a statement takes in the place of a question mark.
protocol StatementArgument {
    /// Hands the value to a statement, which keeps a copy.
    ///
    /// - Parameters:
    ///   - statement: which is not being stepped.
    ///   - index: of the question mark, from 1.
    /// - Returns: SQLite's result code.
    func bind(to statement: SQLiteStatement, at index: CInt) -> CInt
}

extension Int: StatementArgument {
    func bind(to statement: SQLiteStatement, at index: CInt) -> CInt {
        sqlite3_bind_int64(statement, index, Int64(self))
    }
}

extension Int64: StatementArgument {
    func bind(to statement: SQLiteStatement, at index: CInt) -> CInt { sqlite3_bind_int64(statement, index, self) }
}

extension Bool: StatementArgument {
    func bind(to statement: SQLiteStatement, at index: CInt) -> CInt {
        sqlite3_bind_int(statement, index, self ? 1 : 0)
    }
}

extension Double: StatementArgument {
    func bind(to statement: SQLiteStatement, at index: CInt) -> CInt { sqlite3_bind_double(statement, index, self) }
}

extension String: StatementArgument {
    func bind(to statement: SQLiteStatement, at index: CInt) -> CInt {
        var text = self
        return text.withUTF8 { bytes in
            sqlite3_bind_text64(
                statement,
                index,
                UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self),
                // GRDB binds, and reads, texts to the first zero: one that is stored whole would never be found by it.
                UInt64(bytes.firstIndex(of: 0) ?? bytes.count),
                copying,
                UInt8(SQLITE_UTF8)
            )
        }
    }
}

extension Data: StatementArgument {
    func bind(to statement: SQLiteStatement, at index: CInt) -> CInt {
        withUnsafeBytes { bytes in
            // Nothing at all would be NULL.
            guard let start = bytes.baseAddress else { return sqlite3_bind_zeroblob(statement, index, 0) }
            return sqlite3_bind_blob64(statement, index, start, UInt64(bytes.count), copying)
        }
    }
}

/// `SQLITE_TRANSIENT`, a macro that Swift does not see: SQLite copies what it is given.
private var copying: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
