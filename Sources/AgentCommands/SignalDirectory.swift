package import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The files through which the in-run commands speak to their run.
package struct SignalDirectory: Hashable, Sendable {
    /// The signals; the raw value is the file's name.
    package enum Signal: String, CaseIterable, Hashable, Sendable {
        case rerun, status
        case returnValue = "return"
        case exit, shutdown
    }

    /// Bytes of a return value that are kept.
    package static let returnLimit = 1 << 20

    /// Absolute path.
    package let path: String

    /// Names a directory; nothing is created yet.
    package init(path: String) { self.path = path }

    /// The directory of `AL_SIGNAL_DIR`, else `/tmp/signals`.
    package init(environment: [String: String]) {
        let named = environment["AL_SIGNAL_DIR"] ?? ""
        self.init(path: named.isEmpty ? "/tmp/signals" : named)
    }

    /// Creates the directory, readable by its owner only, unless it is there.
    ///
    /// - Throws: the file system's error.
    package func create() throws {
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    /// Deletes what an earlier run left.
    ///
    /// - Throws: the file system's error.
    package func clear() throws {
        for signal in Signal.allCases where FileManager.default.fileExists(atPath: file(signal)) {
            try FileManager.default.removeItem(atPath: file(signal))
        }
    }

    /// Gives a signal; whoever reads it meanwhile sees the old content or the new one, never half of it.
    ///
    /// - Throws: the file system's error.
    package func write(_ signal: Signal, _ content: some Sequence<UInt8>) throws {
        try create()
        try Data(content).write(to: URL(filePath: file(signal)), options: .atomic)
    }

    /// The content of a signal, `nil` when it was not given.
    package func read(_ signal: Signal) -> Data? {
        // A file that is absent or unreadable is no signal.
        try? Data(contentsOf: URL(filePath: file(signal)))
    }

    /// Whether a signal was given.
    package func isGiven(_ signal: Signal) -> Bool { access(file(signal), F_OK) == 0 }

    private func file(_ signal: Signal) -> String { "\(path)/\(signal.rawValue)" }
}
