package import Domain

extension MCPServerConfig {
    /// The server with each `${NAME}` in its values replaced by the variable of the run.
    ///
    /// - Parameters:
    ///   - variables: name → value.
    ///   - onMissing: hears the name of each variable that is not set and becomes empty.
    /// - Returns: the server as it is started or called.
    package func resolved(with variables: [String: String], onMissing: (String) -> Void) -> MCPServerConfig {
        func expand(_ text: String) -> String {
            let (result, missing) = Interpolation.expand(text, variables)
            missing.forEach(onMissing)
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
