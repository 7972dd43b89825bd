/// Breaks text that comes in pieces into lines at its blanks, holding back no more than the word that may still grow.
package struct WordWrap: Sendable {
    private var word = ""
    private var wordWidth = 0
    private var column = 0

    /// Begins at the beginning of a line.
    package init() {}

    /// Takes in a piece.
    ///
    /// - Parameters:
    ///   - text: without anything a terminal obeys but ends of lines.
    ///   - cells: that a line may take.
    /// - Returns: what can be shown.
    package mutating func take(_ text: String, cells: Int) -> String {
        var shown = ""
        for character in text {
            let width = displayWidth(of: character)
            if character == "\n" {
                shown += finish(cells: cells) + "\n"
                column = 0
            } else if character == " " {
                shown += finish(cells: cells)
                // A blank at the end of a full line would begin the next one.
                if column < cells {
                    shown += " "
                    column += 1
                }
            } else {
                // Between wide characters a line may break anywhere, and so it must inside of what is longer than a line.
                if width > 1 || wordWidth + width > cells { shown += finish(cells: cells) }
                word.append(character)
                wordWidth += width
                if width > 1 { shown += finish(cells: cells) }
            }
        }
        return shown
    }

    /// What was held back.
    package mutating func finish(cells: Int) -> String {
        guard !word.isEmpty else { return "" }
        defer { (word, wordWidth) = ("", 0) }
        let breaks = column > 0 && column + wordWidth > cells
        column = (breaks ? 0 : column) + wordWidth
        return (breaks ? "\n" : "") + word
    }
}
