import Domain

extension MCPServerConfig {
    /// The server with each `${NAME}` in its values replaced by the variable of the run.
    ///
    /// A variable that is not set becomes empty, with a warning that names it.
    func resolved(with variables: [String: String], _ log: RunLog) -> MCPServerConfig {
        func expand(_ text: String) -> String {
            let (result, missing) = Interpolation.expand(text, variables)
            for variable in missing {
                log.line(
                    .warn,
                    "tool server variable \(variable) is not set",
                    ["server": .string(name), "variable": .string(variable)]
                )
            }
            return result
        }
        var resolved = self
        switch transport {
        case .stdio(let command, let environment, let directory):
            resolved.transport = .stdio(
                command: command.map(expand),
                environment: environment.mapValues(expand),
                directory: directory.map(expand)
            )
        case .http(let url, let headers):
            resolved.transport = .http(url: expand(url), headers: headers.mapValues(expand))
        }
        return resolved
    }
}
