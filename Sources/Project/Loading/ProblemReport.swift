/// Collects the problems of one configuration and finds the places where they stand.
final class ProblemReport {
    private(set) var problems: [Problem] = []
    /// Whether a trigger was left out because the table of its source in the project is wrong, which has its own problem.
    var lacksTriggers = false
    private let layers: ConfigLayers

    init(layers: ConfigLayers) { self.layers = layers }

    /// Whether a key stands in the project's own files, and not in an environment that was chosen.
    func isOfProject(_ path: String) -> Bool {
        layers.place(of: path).file.map { $0 == "config.toml" || $0 == ".env.toml" } ?? true
    }

    /// Records a problem of the key at `path`.
    func add(_ code: ProblemCode, at path: String, _ text: String, suggestion: String? = nil) {
        let place = layers.place(of: path)
        problems.append(
            Problem(
                code: code,
                file: place.file,
                line: place.line,
                keyPath: path,
                text: text,
                suggestion: suggestion
            )
        )
    }

    /// Records a problem of the whole file, or one whose text names the place itself.
    func add(_ code: ProblemCode, near path: String = "", _ text: String) {
        let place = layers.place(of: path)
        problems.append(Problem(code: code, file: place.file, line: place.line, text: text))
    }
}
