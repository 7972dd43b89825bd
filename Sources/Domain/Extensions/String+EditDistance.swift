extension String {
    /// How many scalars must be put in, taken out, replaced or swapped with their neighbour to get from one text to another.
    ///
    /// A pair is swapped at most once, and not changed otherwise.
    package func editDistance(to other: String) -> Int {
        let left = Array(unicodeScalars)
        let right = Array(other.unicodeScalars)
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let isEqual = left[row] == right[column]
                var cost = Swift.min(last[column + 1] + 1, current[column] + 1, last[column] + (isEqual ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    cost = Swift.min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
