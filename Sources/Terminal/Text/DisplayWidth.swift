/// The number of terminal cells a text takes: escape sequences none, wide characters two.
package func displayWidth(of text: String) -> Int {
    // Most texts are plain; looking up what kind of character each one is takes a hundred times as long.
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text.utf8.count }
    var width = 0
    var isEscape = false
    for character in text {
        if isEscape {
            isEscape = !character.isLetter
        } else if character == "\u{1B}" {
            isEscape = true
        } else {
            width += displayWidth(of: character)
        }
    }
    return width
}

/// The number of terminal cells a character takes, with all marks that belong to it.
package func displayWidth(of character: Character) -> Int {
    var width = 0
    for scalar in character.unicodeScalars {
        // Asks for the coloured form of what is a narrow sign otherwise.
        if scalar.value == 0xFE0F { return 2 }
        width = max(width, cells(of: scalar))
    }
    return width
}

private func cells(of scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: return isWide(scalar) ? 2 : 1
    }
}

private func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
        0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
        true
    default: scalar.properties.isEmojiPresentation
    }
}

extension String {
    /// The text in at most so many cells; what is cut off shows as `…`.
    package func fitted(to cells: Int) -> String {
        guard displayWidth(of: self) > cells else { return self }
        var result = ""
        var width = 0
        for character in self {
            let next = displayWidth(of: character)
            if width + next > cells - 1 { break }
            result.append(character)
            width += next
        }
        return cells > 0 ? result + "…" : ""
    }

    /// The text in lines of at most so many cells, broken at blanks, inside of a word only where it is longer than a line.
    package func wrapped(to cells: Int) -> [String] {
        var lines: [String] = []
        for paragraph in split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            // What fits keeps its blanks.
            guard displayWidth(of: paragraph) > cells else {
                lines.append(paragraph)
                continue
            }
            var line = ""
            for word in paragraph.split(separator: " ").flatMap({ String($0).pieces(of: cells) }) {
                if line.isEmpty {
                    line = word
                } else if displayWidth(of: line) + 1 + displayWidth(of: word) <= cells {
                    line += " " + word
                } else {
                    lines.append(line)
                    line = word
                }
            }
            lines.append(line)
        }
        return lines
    }

    private func pieces(of cells: Int) -> [String] {
        var pieces: [String] = []
        var piece = ""
        var width = 0
        for character in self {
            let next = displayWidth(of: character)
            if width + next > max(cells, 2) {
                pieces.append(piece)
                (piece, width) = ("", 0)
            }
            piece.append(character)
            width += next
        }
        return pieces + [piece]
    }
}
