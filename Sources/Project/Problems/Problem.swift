/// Something wrong, or unusual, in the files of a project.
package struct Problem: Hashable, Sendable, CustomStringConvertible, Error {
    package var code: ProblemCode
    /// Relative to the project, or absolute for files of the user; `nil` when no file is concerned.
    package var file: String?
    /// From 1; `nil` when the problem has no line (a missing key at the top level).
    package var line: Int?
    /// From 1; syntax errors only.
    package var column: Int?
    /// The key as it would be written with dots: `webhooks[0].events`.
    package var keyPath: String?
    /// What is wrong and what was expected.
    package var text: String
    /// The key, value or name that was probably meant.
    package var suggestion: String?

    /// Collects the facts.
    package init(
        code: ProblemCode,
        file: String? = nil,
        line: Int? = nil,
        column: Int? = nil,
        keyPath: String? = nil,
        text: String,
        suggestion: String? = nil
    ) {
        self.code = code
        self.file = file
        self.line = line
        self.column = column
        self.keyPath = keyPath
        self.text = text
        self.suggestion = suggestion
    }

    /// Whether it is more than a warning; ``ProblemCode/stopsStart`` says what a start makes of it.
    package var isError: Bool { code.isError }

    /// The line for people: `<file>:<line>: <key path>: <problem> — did you mean "x"?`.
    package var description: String {
        var place = file ?? ""
        if file != nil, let line { place += ":\(line)" }
        if file != nil, line != nil, let column { place += ":\(column)" }
        let hint = suggestion.map { " — did you mean \"\($0)\"?" } ?? ""
        return [place, keyPath ?? "", text].filter { !$0.isEmpty }.joined(separator: ": ") + hint
    }
}

extension Problem {
    /// The order of reports: by file, then line, then key.
    package static func inReportOrder(_ left: Problem, _ right: Problem) -> Bool {
        let leftKey = (left.file ?? "", left.line ?? 0, left.keyPath ?? "", left.text)
        return leftKey < (right.file ?? "", right.line ?? 0, right.keyPath ?? "", right.text)
    }
}
