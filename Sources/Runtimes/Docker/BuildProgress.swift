import Domain

/// Reads the engine's report of a build: JSON objects, one a line.
struct BuildProgress: Sendable {
    let name: String
    private var recent: [String] = []
    private var id: String?

    /// Beginnings of lines that tell nobody anything: every image gets arguments, few use them.
    private static let noise = [" ---> ", "---> ", "Removing intermediate", "[Warning] One or more build-args"]

    /// A build of the image of this name, for messages.
    init(name: String) { self.name = name }

    /// Takes one object and returns the lines worth showing.
    ///
    /// - Throws: ``RuntimeError`` (`buildFailed`) when the object is an error.
    mutating func take(_ line: String) throws -> [String] {
        // Anything that is no JSON is shown as it stands.
        guard let object = try? JSONValue(parsing: line) else { return shown(line) }
        if let error = object["errorDetail"]?["message"]?.stringValue ?? object["error"]?.stringValue {
            throw failure(error)
        }
        if let built = object["aux"]?["ID"]?.stringValue { id = EngineClient.whole(built) }
        return object["stream"]?.stringValue.map { shown($0) } ?? []
    }

    /// The id of the image, at the end.
    ///
    /// - Throws: ``RuntimeError`` (`buildFailed`) when the engine did not report success.
    func finish() throws -> String {
        guard let id else { throw failure("the engine's report ended in the middle") }
        return id
    }

    private mutating func shown(_ text: String) -> [String] {
        let lines = text.split(whereSeparator: \.isNewline).map { Self.normalised(Self.withoutColours($0)) }
            .filter { line in !line.allSatisfy(\.isWhitespace) }
        recent = (recent + lines).suffix(40)
        return lines.filter { line in !Self.noise.contains { line.hasPrefix($0) } }
    }

    private func failure(_ reason: String) -> RuntimeError {
        let tail = recent.isEmpty ? "" : "\nThe last lines of the build:\n" + recent.joined(separator: "\n")
        return RuntimeError(code: .buildFailed, message: "Building the image \(name) failed: \(reason)\(tail)")
    }

    /// Podman's `STEP 2/7:` as Docker writes it.
    static func normalised(_ line: String) -> String {
        guard line.hasPrefix("STEP "), let colon = line.firstIndex(of: ":") else { return line }
        return "Step " + line.dropFirst(5).prefix(upTo: colon) + " :" + line[line.index(after: colon)...]
    }

    /// Without ANSI control sequences (`ESC [ … letter`).
    static func withoutColours(_ line: Substring) -> String {
        var text = ""
        var rest = line[...]
        while let escape = rest.firstIndex(of: "\u{1b}") {
            text += rest[..<escape]
            rest = rest[escape...].dropFirst()
            guard rest.first == "[" else { continue }
            rest = rest.dropFirst().drop { !$0.isLetter }.dropFirst()
        }
        return text + rest
    }
}
