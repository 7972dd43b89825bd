import Domain

extension StaticFiles {
    /// Reads an agent's configuration from its JSON form.
    static func config(_ text: String, from place: String) throws(RunFailure) -> AgentConfig {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: text)
        } catch {
            throw RunFailure(.configuration, "\(place) is broken: \(error)")
        }
        do {
            return try AgentConfig(json: json)
        } catch {
            throw RunFailure(.configuration, "\(place): `\(error.path)` must be \(error.expected)")
        }
    }
}
