import Foundation

#if os(Linux)
    import CLinux
#endif

/// The processors that this process may use.
enum UsableProcessors {
    /// At least 1.
    static var count: Int {
        // A container's limit of processor time.
        let granted = ProcessInfo.processInfo.activeProcessorCount
        #if os(Linux)
            // `taskset` or a cpuset; unknown on machines with more than 1,024 processors.
            let allowed = Int(allowed_processors())
            return allowed > 0 ? min(allowed, granted) : granted
        #else
            return granted
        #endif
    }
}
