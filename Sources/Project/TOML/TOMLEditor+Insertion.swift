import Domain
import OrderedCollections

extension TOMLEditor {
    /// Writes a value that is not there yet.
    mutating func insert(_ path: TOMLPath, _ value: JSONValue) throws(Problem) {
        guard let last = path.steps.last else { return }
        switch (last, self.value(at: path.parent)) {
        case (.key(let key), nil): try insert(path.parent, .object([key: value] as OrderedDictionary))
        case (.index, nil): try insert(path.parent, .array([value]))
        case (.key(let key), .object): try insertMember(path, key, value)
        case (.index(let index), .array(let elements)) where index == elements.count:
            try insertElement(path.parent, at: index, value)
        case (_, let container?):
            let text = "nothing can be put into \(container.compactText)"
            throw Problem(code: .configBadType, file: file, keyPath: path.description, text: text)
        }
    }

    private mutating func insertMember(_ path: TOMLPath, _ key: String, _ value: JSONValue) throws(Problem) {
        let parent = path.parent.description
        if let container = index(at: path.parent) {
            return try insertInlineMember(container, TOMLText.pair(KeyPath.written(key), value))
        }
        let header = headerIndex(parent)
        if header == nil, !parent.isEmpty, let sibling = lastDottedPair(below: parent) {
            return try insertDotted(path, beside: sibling, value)
        }
        if TOMLText.needsSections(value) { return try insertSections(path, value) }
        let pair = TOMLText.pair(KeyPath.written(key), value)
        guard header == nil, !parent.isEmpty else { return try insertPair(pair, below: header) }
        // The table exists by the headers below it alone; it gets one of its own above them.
        let first = entries.first { $0.isHeader && $0.path.isInside(parent) }?.start ?? bytes.count
        try insertLines(["[\(path.parent.headerName)]", pair, ""], at: attachedComments(first))
    }

    /// The header that opens a table; `nil` for the root and for tables without one.
    private func headerIndex(_ path: String) -> Int? { entries.firstIndex { $0.isHeader && $0.path == path } }

    private func lastDottedPair(below path: String) -> TOMLEntry? {
        entries.last {
            ($0.kind == .pair || $0.kind == .member) && $0.path.isInside(path) && isWrittenWhole($0, below: path)
        }
    }

    /// Whether a pair's own dotted key reaches down through a table.
    private func isWrittenWhole(_ entry: TOMLEntry, below path: String) -> Bool {
        let above = header(of: entry)
        return above.isEmpty || path.isInside(above)
    }

    private mutating func insertDotted(
        _ path: TOMLPath,
        beside sibling: TOMLEntry,
        _ value: JSONValue
    ) throws(Problem) {
        let above = header(of: sibling)
        let whole = path.description
        let key = above.isEmpty ? whole : String(whole.dropFirst(above.count + 1))
        let pair = TOMLText.pair(key, value)
        guard sibling.kind == .pair else {
            return try replace(sibling.value.upperBound..<sibling.value.upperBound, with: ", \(pair)")
        }
        try insertLines([indentation(sibling.start) + pair], at: lineEnd(sibling.value.upperBound))
    }

    /// Writes `key = value` behind the last pair of a header, or of the root.
    private mutating func insertPair(_ pair: String, below header: Int?) throws(Problem) {
        if let sibling = entries.last(where: { $0.kind == .pair && $0.parent == header }) {
            return try insertLines([indentation(sibling.start) + pair], at: lineEnd(sibling.value.upperBound))
        }
        if let header { return try insertLines([pair], at: lineEnd(entries[header].value.upperBound)) }
        guard let first = entries.first else { return try insertLines([pair], at: bytes.count) }
        try insertLines([pair, ""], at: attachedComments(first.start))
    }

    /// Writes a table, or an array of tables, behind its relatives.
    private mutating func insertSections(_ path: TOMLPath, _ value: JSONValue) throws(Problem) {
        try insertSectionLines(TOMLText.sections(path, value), behind: lastRelative(of: path.parent))
    }

    /// Writes `[[path]]` before the element that has this index now, or behind the last one.
    private mutating func insertTableElement(
        _ path: TOMLPath,
        at index: Int,
        _ members: OrderedDictionary<String, JSONValue>
    ) throws(Problem) {
        let lines = TOMLText.section(path, members, isElement: true)
        if let next = headerIndex(path.element(index).description) {
            return try insertLines(lines + [""], at: attachedComments(entries[next].start))
        }
        try insertSectionLines(lines, behind: lastRelative(of: path.element(index - 1)))
    }

    /// The last header of a table or below it; `nil` when the end of the file is the place.
    private func lastRelative(of path: TOMLPath) -> Int? {
        guard !path.steps.isEmpty else { return nil }
        let name = path.description
        return entries.lastIndex { $0.isHeader && ($0.path == name || $0.path.isInside(name)) }
            ?? lastRelative(of: path.parent)
    }

    private mutating func insertSectionLines(_ lines: [String], behind header: Int?) throws(Problem) {
        let next = header.flatMap { header in entries[(header + 1)...].first(where: \.isHeader)?.start }
        let limit = next.map(attachedComments) ?? bytes.count
        var offset = limit
        while offset > 0, isBlank(lineStart(offset - 1)..<offset) { offset = lineStart(offset - 1) }
        let before = offset == 0 ? [] : [""]
        let isFollowedByText = offset == limit && limit < bytes.count
        try insertLines(before + lines + (isFollowedByText ? [""] : []), at: offset)
    }

    /// Writes whole lines at the beginning of a line, or at the end of a file whose last line may be unfinished.
    private mutating func insertLines(_ lines: [String], at offset: Int) throws(Problem) {
        let isUnfinished = offset > 0 && bytes[offset - 1] != UInt8(ascii: "\n")
        let text = lines.map { $0.replacing("\n", with: newLine) + newLine }.joined()
        try replace(offset..<offset, with: (isUnfinished ? newLine : "") + text)
    }

    /// The beginning of the comment lines that stand directly above a line, or of the line itself.
    private func attachedComments(_ offset: Int) -> Int {
        var start = lineStart(offset)
        while start > 0 {
            let above = lineStart(start - 1)
            let text = bytes[above..<start].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            guard text.first == UInt8(ascii: "#") else { break }
            start = above
        }
        return start
    }
}

extension TOMLEditor {
    /// Writes an element that is not there yet before the one that has this index now, or behind the last one.
    mutating func insertElement(_ path: TOMLPath, at index: Int, _ value: JSONValue) throws(Problem) {
        guard let array = self.index(at: path) else {
            guard let members = value.objectValue else {
                let text = "an array of tables holds tables only, not \(value.compactText)"
                throw Problem(code: .configBadType, file: file, keyPath: path.description, text: text)
            }
            return try insertTableElement(path, at: index, members)
        }
        let elements = entries.filter { $0.kind == .element && $0.parent == array }
        let text = TOMLText.value(value)
        guard let first = elements.first else {
            let inside = entries[array].value.lowerBound + 1
            return try replace(inside..<inside, with: text)
        }
        let isTall = !isOneLine(entries[array].value.lowerBound..<first.start)
        guard index > 0, index <= elements.count else {
            let separator = isTall ? "," + newLine + indentation(first.start) : ", "
            return try replace(first.start..<first.start, with: text + separator)
        }
        try insert(text, behind: elements[index - 1], isTall: isTall)
    }

    private mutating func insert(_ text: String, behind sibling: TOMLEntry, isTall: Bool) throws(Problem) {
        let end = sibling.value.upperBound
        guard isTall else { return try replace(end..<end, with: ", \(text)") }
        let comma = comma(behind: end)
        // A comment behind the sibling stays with it.
        var rest = comma.map { $0 + 1 } ?? end
        while rest < bytes.count, [UInt8(ascii: " "), UInt8(ascii: "\t")].contains(bytes[rest]) { rest += 1 }
        let isComment = rest < bytes.count && bytes[rest] == UInt8(ascii: "#")
        if isComment {
            while rest < bytes.count, bytes[rest] != UInt8(ascii: "\n"), bytes[rest] != UInt8(ascii: "\r") { rest += 1 }
        }
        let place = isComment ? rest : comma.map { $0 + 1 } ?? end
        let line = newLine + indentation(sibling.start) + text
        guard comma == nil else { return try replace(place..<place, with: line + ",") }
        let between = String(decoding: bytes[end..<place], as: UTF8.self)
        try replace(end..<place, with: "," + between + line)
    }

    /// Writes `key = value` behind the last member of an inline table.
    private mutating func insertInlineMember(_ container: Int, _ pair: String) throws(Problem) {
        let inside = entries[container].value
        guard let last = entries.last(where: { $0.kind == .member && $0.parent == container }) else {
            return try replace(inside, with: "{ \(pair) }")
        }
        let end = last.value.upperBound
        try replace(end..<end, with: ", \(pair)")
    }

    /// The comma that follows an element, before any other element.
    func comma(behind offset: Int) -> Int? {
        var offset = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: ","): return offset
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): offset += 1
            case UInt8(ascii: "#"): offset = lineEnd(offset)
            default: return nil
            }
        }
        return nil
    }

    func isOneLine(_ range: Range<Int>) -> Bool { !bytes[range].contains(UInt8(ascii: "\n")) }
}

extension String {
    /// Whether this path lies below a table or an array.
    func isInside(_ parent: String) -> Bool {
        parent.isEmpty
            || (hasPrefix(parent) && (dropFirst(parent.count).first == "." || dropFirst(parent.count).first == "["))
    }
}
