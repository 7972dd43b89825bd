/// A line whose parts have tones, without escape sequences, so that it can be measured, cut and wrapped.
package struct StyledText: Hashable, Sendable {
    /// A piece of one tone.
    package struct Part: Hashable, Sendable {
        package let text: String
        package let tone: Tone
    }

    package private(set) var parts: [Part]

    /// A line of one tone; what a terminal would obey instead of show is taken out of it.
    package init(_ text: String, _ tone: Tone = .plain) {
        let text = text.printable
        parts = text.isEmpty ? [] : [Part(text: text, tone: tone)]
    }

    private init(_ glyphs: some Sequence<Glyph>) {
        parts = []
        var text = ""
        var tone = Tone.plain
        for glyph in glyphs {
            if glyph.tone != tone, !text.isEmpty {
                parts.append(Part(text: text, tone: tone))
                text = ""
            }
            tone = glyph.tone
            text.append(glyph.character)
        }
        if !text.isEmpty { parts.append(Part(text: text, tone: tone)) }
    }

    /// One line of two.
    package static func + (left: StyledText, right: StyledText) -> StyledText {
        var sum = left
        sum.parts += right.parts
        return sum
    }

    /// The line without its tones.
    package var plain: String { parts.map(\.text).joined() }

    /// Cells it takes.
    package var width: Int { parts.reduce(0) { $0 + displayWidth(of: $1.text) } }

    /// The line as a terminal takes it.
    package func text(_ style: Style) -> String { parts.map { style.painted($0.text, $0.tone) }.joined() }

    /// The line in at most so many cells; what is cut off shows as `…`.
    package func fitted(to cells: Int) -> StyledText {
        guard width > cells else { return self }
        var room = cells
        var kept = StyledText("")
        for part in parts {
            let fitting = part.text.fitted(to: room)
            kept.parts.append(Part(text: fitting, tone: part.tone))
            room -= displayWidth(of: fitting)
            if fitting != part.text { return kept }
            // The mark needs a cell of its own.
            if room <= 0 { return StyledText(kept.glyphs.dropLast()) + StyledText("…", part.tone) }
        }
        return kept
    }

    /// The line in exactly so many cells, filled with blanks or cut.
    package func padded(to cells: Int) -> StyledText {
        let fitting = fitted(to: cells)
        return fitting + StyledText(String(repeating: " ", count: max(0, cells - fitting.width)))
    }

    /// The line as lines of at most so many cells, broken at blanks where it can be; all but the first are indented.
    package func wrapped(to cells: Int, indent: Int = 0) -> [StyledText] {
        guard width > cells else { return [self] }
        var lines: [StyledText] = []
        var rest = glyphs[...]
        while !rest.isEmpty {
            let lead = lines.isEmpty ? 0 : min(indent, cells / 2)
            let count = Self.count(of: rest, in: max(2, cells - lead))
            lines.append(StyledText(String(repeating: " ", count: lead)) + StyledText(rest.prefix(count)))
            rest = rest.dropFirst(count).drop { $0.character == " " }
        }
        return lines
    }

    private struct Glyph {
        let character: Character
        let tone: Tone
    }

    private var glyphs: [Glyph] {
        parts.flatMap { part in part.text.map { Glyph(character: $0, tone: part.tone) } }
    }

    /// How many glyphs make the next line.
    private static func count(of glyphs: ArraySlice<Glyph>, in cells: Int) -> Int {
        var width = 0
        var lastBlank: Int?
        var isText = false
        for (offset, glyph) in glyphs.enumerated() {
            width += displayWidth(of: glyph.character)
            let isBlank = glyph.character == " "
            if width > cells { return isBlank && isText ? offset : lastBlank ?? max(1, offset) }
            // Blanks before the first word are indentation, no place to break.
            if isBlank, isText { lastBlank = offset }
            isText = isText || !isBlank
        }
        return glyphs.count
    }
}
