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
        rows.append(cells)
    }

    /// The table with its heading, one string a line, without trailing blanks.
    package var lines: [String] {
        let widths = headings.indices.map { column in
            let cells = ([headings] + rows).map { column < $0.count ? displayWidth(of: $0[column]) : 0 }
            let minimum = column < minimumWidths.count ? minimumWidths[column] - 1 : 0
            return max(cells.max() ?? 0, minimum)
        }
        return ([headings] + rows).map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 {
                    line += String(repeating: " ", count: widths[column] - displayWidth(of: cell) + 1)
                }
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}

/// The number of terminal cells a text takes: escape sequences none, wide characters two.
package func displayWidth(of text: String) -> Int {
    var width = 0
    var isEscape = false
    for scalar in text.unicodeScalars {
        if isEscape {
            isEscape = scalar != "m"
        } else if scalar == "\u{1B}" {
            isEscape = true
        } else if scalar.properties.generalCategory == .nonspacingMark || scalar.value == 0x200D {
            continue
        } else {
            width += isWide(scalar) ? 2 : 1
        }
    }
    return width
}

private func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
        0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
        true
    default: false
    }
}
