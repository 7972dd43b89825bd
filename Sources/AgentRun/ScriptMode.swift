import Domain

/// Runs a script in the session's place.
enum ScriptMode {
    static func run(_ script: String, places: Places, environment: [String: String], log: RunLog) async throws
        -> WorkEnd
    {
        log.line(.info, "script mode", ["script": .string(script)])
        let child = ChildCommand(arguments: ["sh", script], directory: places.work, environment: environment)
        let lines = LineSplitter { log.output($0) }
        let code = try await child.runShowingErrors { lines.append($0) }
        lines.finish()
        return .script(code: code < 0 ? 1 : code)
    }
}
