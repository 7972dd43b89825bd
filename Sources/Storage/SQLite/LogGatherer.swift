import GRDB
import GRDBSQLite

/// Gathers what the writer appends to SQLite's log into one write for each commit.
///
/// SQLite writes the pages of a commit one by one, and each in two parts: some eighty system calls for what sixteen senders
/// share. Nothing is lost by that: with `synchronous = FULL` a commit ends with `xSync`, and only after it SQLite names the new
/// pages in the log's index, without which nobody reads them (sqlite.org/walformat.html, "The WAL-Index File Format"). So this
/// is for a connection that keeps to FULL.
///
/// An open file of SQLite is a structure that begins with a table of functions (sqlite.org/c3ref/io_methods.html). The
/// gatherer takes that table's place for one file, and is found again by it.
struct LogGatherer {
    /// What SQLite calls.
    ///
    /// It must stay the first member: the file points to it, and so to the gatherer.
    private var methods: sqlite3_io_methods
    private let original: UnsafePointer<sqlite3_io_methods>
    /// Bytes that belong at ``place`` of the file and are not written yet.
    private let gathered: UnsafeMutableRawBufferPointer
    private var count = 0
    private var place: sqlite3_int64 = 0

    /// Pages of 4 KiB with their headers, as many as SQLite's own function writes at once: it takes 128 KiB - 1 at most.
    private static let room = 31 * (24 + 4096)

    /// Lets the log of a connection be gathered until the connection is closed.
    ///
    /// - Parameter database: a connection in WAL mode, outside of a transaction, with `synchronous = FULL`.
    /// - Throws: `DatabaseError`.
    static func install(on database: Database) throws {
        var file: UnsafeMutablePointer<sqlite3_file>?
        let code = sqlite3_file_control(database.sqliteConnection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file)
        guard code == SQLITE_OK, let file, let original = file.pointee.pMethods else {
            throw DatabaseError(resultCode: .SQLITE_CANTOPEN, message: "the log is not open")
        }
        precondition(MemoryLayout<LogGatherer>.offset(of: \.methods) == 0)
        let gatherer = UnsafeMutablePointer<LogGatherer>.allocate(capacity: 1)
        gatherer.initialize(to: LogGatherer(inPlaceOf: original))
        file.pointee.pMethods = UnsafeRawPointer(gatherer).assumingMemoryBound(to: sqlite3_io_methods.self)
    }

    private init(inPlaceOf original: UnsafePointer<sqlite3_io_methods>) {
        self.original = original
        gathered = .allocate(byteCount: Self.room, alignment: 16)
        // Locks, shared memory and the rest are not about contents.
        methods = original.pointee
        methods.xWrite = { file, bytes, count, place in
            Self.of(file).pointee.write(UnsafeRawBufferPointer(start: bytes, count: Int(count)), at: place, of: file)
        }
        methods.xRead = { file, bytes, count, place in
            Self.flushed(file) { $0.xRead(file, bytes, count, place) }
        }
        methods.xTruncate = { file, size in Self.flushed(file) { $0.xTruncate(file, size) } }
        methods.xSync = { file, flags in Self.flushed(file) { $0.xSync(file, flags) } }
        methods.xFileSize = { file, size in Self.flushed(file) { $0.xFileSize(file, size) } }
        methods.xClose = { file in
            let gatherer = Self.of(file)
            defer {
                gatherer.pointee.gathered.deallocate()
                gatherer.deallocate()
            }
            // What is still gathered is of no commit.
            return gatherer.pointee.original.pointee.xClose(file)
        }
    }

    private static func of(_ file: UnsafeMutablePointer<sqlite3_file>?) -> UnsafeMutablePointer<LogGatherer> {
        // Only SQLite calls these functions, with an open file whose table is a gatherer's.
        guard let methods = file?.pointee.pMethods else { preconditionFailure("a file that is not open") }
        return UnsafeMutableRawPointer(mutating: methods).assumingMemoryBound(to: LogGatherer.self)
    }

    /// Writes what was gathered, and then does what the file itself would do.
    private static func flushed(
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        then perform: (sqlite3_io_methods) -> CInt
    ) -> CInt {
        let gatherer = of(file)
        let code = gatherer.pointee.flush(file)
        return code == SQLITE_OK ? perform(gatherer.pointee.original.pointee) : code
    }

    private mutating func write(
        _ bytes: UnsafeRawBufferPointer,
        at place: sqlite3_int64,
        of file: UnsafeMutablePointer<sqlite3_file>?
    ) -> CInt {
        if place != self.place + sqlite3_int64(count) || count + bytes.count > gathered.count {
            let code = flush(file)
            guard code == SQLITE_OK else { return code }
            self.place = place
        }
        guard bytes.count <= gathered.count else {
            return original.pointee.xWrite(file, bytes.baseAddress, CInt(bytes.count), place)
        }
        UnsafeMutableRawBufferPointer(rebasing: gathered[count...]).copyMemory(from: bytes)
        count += bytes.count
        return SQLITE_OK
    }

    private mutating func flush(_ file: UnsafeMutablePointer<sqlite3_file>?) -> CInt {
        guard count > 0 else { return SQLITE_OK }
        // What cannot be written is of a commit that fails for it.
        defer { count = 0 }
        return original.pointee.xWrite(file, gathered.baseAddress, CInt(count), place)
    }
}
