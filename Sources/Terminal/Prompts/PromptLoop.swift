/// Shows a question and takes in keys until it is answered.
package struct PromptLoop: Sendable {
    /// The terminal, as the loop needs it.
    package struct Device: Sendable {
        /// The next byte; `nil` after the time, or for ever when the time is `nil` and the terminal is gone.
        package var read: @Sendable (_ patience: Duration?) -> UInt8?
        package var write: @Sendable (String) -> Void
        package var size: @Sendable () -> TerminalSize
        /// Whether the cursor can be moved; `TERM=dumb` cannot.
        package var hasCursor: Bool

        /// Collects the parts.
        package init(
            hasCursor: Bool,
            read: @escaping @Sendable (_ patience: Duration?) -> UInt8?,
            write: @escaping @Sendable (String) -> Void,
            size: @escaping @Sendable () -> TerminalSize
        ) {
            self.hasCursor = hasCursor
            self.read = read
            self.write = write
            self.size = size
        }
    }

    /// How long the bytes of one key may be apart: an Esc alone is known only after that.
    private static let escapePatience = Duration.milliseconds(50)

    let device: Device
    private let style: Style

    /// Talks over a device.
    package init(device: Device, style: Style) {
        self.device = device
        self.style = style
    }

    /// Asks until there is an answer, which stays on the screen as one line.
    ///
    /// - Throws: ``PromptError`` (`interrupted`, `cancelled`).
    package func run<State: PromptState>(_ prompt: State) throws(PromptError) -> State.Answer {
        var prompt = prompt
        var decoder = KeyDecoder()
        var shown = draw(prompt, over: nil)
        while true {
            guard let key = nextKey(&decoder) else { continue }
            switch prompt.handle(key) {
            case .goOn: shown = draw(prompt, over: shown)
            case .answered(let answer):
                finish(over: shown, with: prompt.settled(answer, style))
                return answer
            case .interrupted:
                finish(over: shown, with: prompt.settled(nil, style))
                throw .interrupted
            case .cancelled:
                finish(over: shown, with: prompt.settled(nil, style))
                throw .cancelled
            }
            // A terminal that is gone would be asked for ever.
            if key == .endOfInput { throw .interrupted }
        }
    }

    /// Waits for bytes until they are a key; `nil` when they are not one yet.
    func nextKey(_ decoder: inout KeyDecoder) -> Key? {
        if let byte = device.read(decoder.isUndecided ? Self.escapePatience : nil) { return decoder.take(byte) }
        return decoder.isUndecided ? decoder.flush() : .endOfInput
    }

    private func draw(_ prompt: some PromptState, over old: PromptFrame?) -> PromptFrame {
        let size = device.size()
        let frame = prompt.frame(size, style)
        var text = old.map { erased($0, size) } ?? ""
        text += frame.lines.joined(separator: "\r\n")
        let up = frame.lines.count - 1 - frame.cursorRow
        if up > 0 { text += "\u{1B}[\(up)A" }
        text += "\r"
        if frame.cursorColumn > 0 { text += "\u{1B}[\(frame.cursorColumn)C" }
        device.write(text)
        return frame
    }

    private func finish(over old: PromptFrame, with line: String) {
        device.write(erased(old, device.size()) + line + "\r\n")
    }

    /// Goes back to where a frame begins and clears from there; lines that are wider than the terminal has become take more rows.
    private func erased(_ frame: PromptFrame, _ size: TerminalSize) -> String {
        let above = frame.lines[..<frame.cursorRow].reduce(0) { rows, line in
            rows + max(1, (displayWidth(of: line) + size.columns - 1) / size.columns)
        }
        let up = above + frame.cursorColumn / size.columns
        return (up > 0 ? "\u{1B}[\(up)A" : "") + "\r\u{1B}[J"
    }
}
