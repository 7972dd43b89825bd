#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Colours and weights of terminal text; plain when the stream is no terminal.
package struct Style: Hashable, Sendable {
    /// Whether escape sequences are written.
    package let isColoured: Bool

    /// Decides once.
    package init(isColoured: Bool) { self.isColoured = isColoured }

    /// Variable that asks for colours on every stream; `--color always` sets it.
    package static let forcingVariable = "CLICOLOR_FORCE"

    /// Colours for a stream: only on a terminal, without `NO_COLOR`, and when `TERM` is not `dumb`; or forced.
    ///
    /// - Parameters:
    ///   - descriptor: 1 for standard output, 2 for standard error.
    ///   - environment: the process's variables.
    package init(descriptor: Int32, environment: [String: String]) {
        let isForced = !["", "0"].contains(environment[Self.forcingVariable] ?? "")
        isColoured =
            isForced
            || isatty(descriptor) == 1 && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    package func bold(_ text: String) -> String { wrap(text, "1") }
    package func dim(_ text: String) -> String { wrap(text, "2") }
    package func red(_ text: String) -> String { wrap(text, "31") }
    package func green(_ text: String) -> String { wrap(text, "32") }
    package func yellow(_ text: String) -> String { wrap(text, "33") }
    package func cyan(_ text: String) -> String { wrap(text, "36") }

    /// The text in a tone.
    package func painted(_ text: String, _ tone: Tone) -> String {
        switch tone {
        case .plain: text
        case .bold: bold(text)
        case .dim: dim(text)
        case .red: red(text)
        case .green: green(text)
        case .yellow: yellow(text)
        case .cyan: cyan(text)
        case .inverse: wrap(text, "7")
        }
    }

    private func wrap(_ text: String, _ code: String) -> String {
        isColoured && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
