import Domain

/// Finds names that somebody may have meant.
enum SimilarNames {
    /// At most `count` names, the closest first; names that share little are left out.
    static func best(for name: String, among names: [String], count: Int) -> [String] {
        let wanted = name.lowercased()
        let limit = max(2, wanted.unicodeScalars.count / 3)
        let ranked = names.prefix(2000).compactMap { candidate -> (Int, String)? in
            let other = candidate.lowercased()
            let distance = wanted.editDistance(to: other)
            let length = min(wanted.unicodeScalars.count, other.unicodeScalars.count)
            let isPart = length >= 3 && (other.contains(wanted) || wanted.contains(other))
            return distance <= limit || isPart ? (distance, candidate) : nil
        }
        return ranked.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.prefix(count).map(\.1)
    }
}
