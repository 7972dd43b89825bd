import Domain

extension TOMLEditor {
    /// Removes what stands at a place, with comments on the removed lines only; nothing when it is not there.
    ///
    /// - Throws: ``Problem`` when the rest would not be TOML, which leaves the text unchanged.
    package mutating func remove(_ path: TOMLPath) throws(Problem) {
        guard value(at: path) != nil, !path.steps.isEmpty else { return }
        if let index = index(at: path) { return try remove(entry: index) }
        let name = path.description
        let inside = Set(entries.indices.filter { entries[$0].path == name || entries[$0].path.isInside(name) })
        // What stands inside of a section or a value goes with it; from the end, so that what stands above keeps its place.
        for index in inside.sorted(by: >) where entries[index].isHeader || !isContained(entries[index], in: inside) {
            try remove(entry: index)
        }
    }

    private func isContained(_ entry: TOMLEntry, in others: Set<Int>) -> Bool {
        entry.parent.map(others.contains) ?? false
    }

    private mutating func remove(entry index: Int) throws(Problem) {
        let entry = entries[index]
        switch entry.kind {
        case .table, .arrayTable: try removeSection(index)
        case .pair: try removeLines(lineStart(entry.start)..<lineEnd(entry.value.upperBound))
        case .member, .element: try removeListed(entry)
        }
    }

    /// Removes a header with its pairs; a comment behind the last pair stays.
    private mutating func removeSection(_ index: Int) throws(Problem) {
        let last = entries.last { $0.kind == .pair && $0.parent == index } ?? entries[index]
        try removeLines(lineStart(entries[index].start)..<lineEnd(last.value.upperBound))
    }

    /// Removes whole lines, and the blank ones below where blank ones, or the file's edges, surround them.
    private mutating func removeLines(_ range: Range<Int>) throws(Problem) {
        var (start, end) = (range.lowerBound, range.upperBound)
        let isBelowGap = start == 0 || isBlank(lineStart(start - 1)..<start)
        while isBelowGap, end < bytes.count, isBlank(end..<lineEnd(end)) { end = lineEnd(end) }
        while end == bytes.count, start > 0, isBlank(lineStart(start - 1)..<start) { start = lineStart(start - 1) }
        try replace(start..<end, with: "")
    }

    /// Removes a member of an inline table or an element of an array, with one comma.
    private mutating func removeListed(_ entry: TOMLEntry) throws(Problem) {
        let siblings = entries.filter { $0.kind == entry.kind && $0.parent == entry.parent }
        guard let position = siblings.firstIndex(of: entry) else { return }
        let isAlone = isBlank(lineStart(entry.start)..<entry.start)
        let comma = comma(behind: entry.value.upperBound)
        let end = comma.map { $0 + 1 } ?? entry.value.upperBound
        let next = siblings.dropFirst(position + 1).first
        if isAlone, next.map({ $0.start >= lineEnd(end) }) ?? !isOneLine(end..<lineEnd(end)) && restIsComment(end) {
            try replace(lineStart(entry.start)..<lineEnd(end), with: "")
        } else if let next {
            try replace(entry.start..<next.start, with: "")
        } else if position > 0 {
            try replace(siblings[position - 1].value.upperBound..<entry.value.upperBound, with: "")
        } else {
            try replace(entry.start..<end, with: "")
        }
    }

    /// Whether nothing but a comment stands on the rest of a line.
    private func restIsComment(_ offset: Int) -> Bool {
        let rest = bytes[offset..<lineEnd(offset)].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return [UInt8(ascii: "#"), UInt8(ascii: "\r"), UInt8(ascii: "\n")].contains(rest.first ?? UInt8(ascii: "\n"))
    }
}
