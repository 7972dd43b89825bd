import Terminal

/// A terminal's screen that understands what ``ScreenPainter`` writes, and nothing more.
struct ScreenEmulator {
    private var rows: [[String]]
    private var row = 0
    private var column = 0
    private let size: TerminalSize
    /// Sequences it does not know.
    private(set) var unknown: [String] = []

    init(_ size: TerminalSize) {
        self.size = size
        rows = Array(repeating: Array(repeating: " ", count: size.columns), count: size.rows)
    }

    /// What it shows, without blanks at the ends of lines.
    var lines: [String] {
        rows.map { row in
            var text = row.joined()
            while text.last == " " { text.removeLast() }
            return text
        }
    }

    mutating func write(_ text: String) {
        var rest = Substring(text)
        while let character = rest.popFirst() {
            if character == "\u{1B}" {
                let end = rest.dropFirst().firstIndex { $0.isLetter } ?? rest.endIndex
                obey(String(rest[..<end].dropFirst()), rest[end])
                rest = rest[rest.index(after: end)...]
            } else {
                put(character)
            }
        }
    }

    private mutating func obey(_ parameters: String, _ command: Character) {
        switch command {
        case "H":
            let place = parameters.split(separator: ";").compactMap { Int($0) }
            (row, column) = (place[0] - 1, place[1] - 1)
        case "K": for cell in column..<size.columns { rows[row][cell] = " " }
        case "J": rows = Array(repeating: Array(repeating: " ", count: size.columns), count: size.rows)
        case "h", "l", "m": break
        default: unknown.append("\(parameters)\(command)")
        }
    }

    /// In the last column the cursor stays where it is, as with automatic margins off.
    private mutating func put(_ character: Character) {
        let width = displayWidth(of: character)
        rows[row][column] = String(character)
        if width == 2, column + 1 < size.columns { rows[row][column + 1] = "" }
        column = min(size.columns - 1, column + width)
    }
}
