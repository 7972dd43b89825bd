import Foundation

/// How many files this process may have open: each run in a container takes two connections, and the usual limit is 1,024.
package enum OpenFileLimit {
    /// More than any project needs; there are programs that count up to a limit of many millions.
    private static let most: rlim_t = 65_536

    /// The limit that this process was started with.
    private static let original: rlimit? = {
        var limit = rlimit()
        return getrlimit(kind, &limit) == 0 ? limit : nil
    }()

    #if canImport(Glibc)
        private static let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        private static let kind = RLIMIT_NOFILE
    #endif

    /// What runs get, as the shell's `ulimit` takes it: a program that knows no more than 1,024 files must not get others.
    static var inherited: String {
        guard let original, original.rlim_cur != .max else { return "unlimited" }
        return String(original.rlim_cur)
    }

    /// Raises the limit as far as this process may.
    package static func raise() {
        guard var limit = original, limit.rlim_cur < min(limit.rlim_max, most) else { return }
        limit.rlim_cur = min(limit.rlim_max, most)
        // Where it cannot be raised the old one holds.
        _ = setrlimit(kind, &limit)
    }
}
