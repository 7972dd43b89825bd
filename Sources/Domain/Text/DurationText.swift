/// Lengths of time as people read them.
package enum DurationText {
    /// `45s`, `3m5s`, `2h10m`; what is negative counts as nothing.
    package static func of(seconds: Int) -> String {
        switch seconds {
        case ..<60: "\(max(0, seconds))s"
        case ..<3600: seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds / 60)m\(seconds % 60)s"
        default: "\(seconds / 3600)h\(seconds % 3600 / 60)m"
        }
    }
}
