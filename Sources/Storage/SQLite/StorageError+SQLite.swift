import GRDB

extension StorageError {
    /// Translates what the engine said while it wrote to a file.
    init(writing error: any Error, path: String) {
        if let error = error as? StorageError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(code: .cannotWrite, message: "cannot write \(path): \(error)")
            return
        }
        let said = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_FULL:
            self.init(code: .cannotWrite, message: "cannot write \(path): \(said); free space on its disk")
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN:
            self.init(code: .cannotWrite, message: "cannot write \(path): \(said); check the file's owner and mode")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(code: .corrupt, message: "\(path) is damaged: \(said); move it away to start with empty state")
        default:
            self.init(code: .cannotWrite, message: "cannot write \(path): \(said)")
        }
    }

    /// Translates what the engine said while it opened or read something; what is not damaged may be readable a moment later.
    init(reading error: DatabaseError, of what: String) {
        let said = error.message ?? "\(error.resultCode)"
        let isDamaged = [ResultCode.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode)
        self.init(code: isDamaged ? .corrupt : .cannotOpen, message: "cannot read \(what): \(said)")
    }

    /// What the engine said, without the path: fit for strangers who ask how the store is.
    static func reason(of error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "writing failed" }
        return error.message ?? "\(error.resultCode)"
    }

    /// Whether an error says something about the file or its disk, not about one statement.
    static func concernsWholeDatabase(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        let codes: [ResultCode] = [
            .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN, .SQLITE_CORRUPT,
            .SQLITE_NOTADB,
            .SQLITE_BUSY, .SQLITE_NOMEM,
        ]
        return codes.contains(error.resultCode)
    }
}
