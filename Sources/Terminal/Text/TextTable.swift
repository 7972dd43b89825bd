/// A table of left-aligned columns that grow with their content; nothing is ever cut.
package struct TextTable: Sendable {
    private let headings: [String]
    private let minimumWidths: [Int]
    private var rows: [[String]] = []

    /// Begins a table.
    ///
    /// - Parameters:
    ///   - headings: one per column.
    ///   - minimumWidths: least width of each column but the last; shorter lists are filled with the heading's width.
    package init(_ headings: [String], minimumWidths: [Int] = []) {
        self.headings = headings
        self.minimumWidths = minimumWidths
    }

    /// Whether there is no row yet.
    package var isEmpty: Bool { rows.isEmpty }

    /// Adds a row; missing cells stay empty.
    package mutating func add(_ cells: [String]) {
        // A line end would tear the row apart.
        rows.append(cells.map(\.oneLine))
    }

    /// The table with its heading, one string a line, without trailing blanks, however wide it is.
    package var lines: [String] { lines(widths: naturalWidths(withMinimums: true)) }

    /// The table in lines of at most so many cells.
    ///
    /// First the minimum widths are given up, then cells are wrapped at blanks; where even single words are too long for that,
    /// each row becomes a block of lines `HEADING value`.
    ///
    /// - Parameter width: cells of the terminal; `nil` = no limit.
    /// - Returns: one string a line.
    package func lines(fitting width: Int?) -> [String] {
        guard let width else { return lines }
        let natural = naturalWidths(withMinimums: true)
        if total(natural) <= width { return lines(widths: natural) }
        var widths = naturalWidths(withMinimums: false)
        let least = headings.indices.map { column in
            cells(of: column).flatMap { $0.split(separator: " ") }.map { displayWidth(of: String($0)) }.max() ?? 0
        }
        // The widest column gives way first.
        while total(widths) > width {
            let candidates = widths.indices.filter { widths[$0] > least[$0] }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return blocks(width) }
            widths[widest] -= 1
        }
        return lines(widths: widths)
    }

    private func lines(widths: [Int]) -> [String] {
        ([headings] + rows).flatMap { row -> [String] in
            let wrapped = row.enumerated().map { $1.wrappedUnlessStyled(to: widths[$0]) }
            return (0..<(wrapped.map(\.count).max() ?? 0)).map { line in
                let cells = wrapped.map { line < $0.count ? $0[line] : "" }
                return Self.joined(cells, widths)
            }
        }
    }

    private static func joined(_ cells: [String], _ widths: [Int]) -> String {
        var line = ""
        for (column, cell) in cells.enumerated() {
            line += cell
            if column < cells.count - 1 {
                line += String(repeating: " ", count: max(0, widths[column] - displayWidth(of: cell)) + 1)
            }
        }
        while line.last == " " { line.removeLast() }
        return line
    }

    /// A line or more per cell, rows apart from each other; words stay whole, however long they are.
    private func blocks(_ width: Int) -> [String] {
        let indent = (headings.map(displayWidth).max() ?? 0) + 1
        return rows.enumerated().flatMap { index, row in
            (index == 0 ? [] : [""])
                + row.enumerated().flatMap { block(headings[$0], $1, width: width, indent: indent) }
        }
    }

    private func block(_ heading: String, _ cell: String, width: Int, indent: Int) -> [String] {
        let longest = cell.split(separator: " ").map { displayWidth(of: String($0)) }.max() ?? 0
        guard longest <= width - indent else {
            return [heading] + cell.wrappedUnlessStyled(to: max(width - 2, longest)).map { "  " + $0 }
        }
        let lines = cell.wrappedUnlessStyled(to: width - indent)
        return lines.enumerated().map { number, line in
            let begin = number == 0 ? heading : ""
            return begin + String(repeating: " ", count: indent - displayWidth(of: begin)) + line
        }
    }

    private func cells(of column: Int) -> [String] {
        ([headings] + rows).map { column < $0.count ? $0[column] : "" }
    }

    private func naturalWidths(withMinimums: Bool) -> [Int] {
        headings.indices.map { column in
            let minimum = withMinimums && column < minimumWidths.count ? minimumWidths[column] - 1 : 0
            return max(cells(of: column).map(displayWidth).max() ?? 0, minimum)
        }
    }

    private func total(_ widths: [Int]) -> Int { widths.reduce(0, +) + max(0, widths.count - 1) }
}

extension String {
    /// Escape sequences must not be torn apart, so styled text stays on one line.
    fileprivate func wrappedUnlessStyled(to cells: Int) -> [String] {
        displayWidth(of: self) <= cells || contains("\u{1B}") ? [self] : wrapped(to: cells)
    }
}
