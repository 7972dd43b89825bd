/// Finds names that somebody may have meant.
enum SimilarNames {
    /// At most `count` names, the closest first; names that share little are left out.
    static func best(for name: String, among names: [String], count: Int) -> [String] {
        let wanted = Array(name.lowercased().utf8)
        let limit = max(2, wanted.count / 3)
        let ranked = names.prefix(2000).compactMap { candidate -> (Int, String)? in
            let other = Array(candidate.lowercased().utf8)
            let distance = distance(wanted, other)
            let isPart = wanted.count >= 3 && (contains(other, wanted) || (other.count >= 3 && contains(wanted, other)))
            return distance <= limit || isPart ? (distance, candidate) : nil
        }
        return ranked.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.prefix(count).map(\.1)
    }

    private static func contains(_ whole: [UInt8], _ part: [UInt8]) -> Bool {
        whole.count >= part.count
            && (0...(whole.count - part.count)).contains { whole[$0..<($0 + part.count)].elementsEqual(part) }
    }

    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                let value = min(row[j] + 1, row[j + 1] + 1, diagonal + (byte == other ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = value
            }
        }
        return row[right.count]
    }
}
