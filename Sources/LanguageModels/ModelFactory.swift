package import Domain

/// Facts of the run that the scripted model may match and quote.
package struct ScriptFacts: Hashable, Sendable {
    package var agent: String
    package var trigger: Trigger
    package var params: JSONValue
    /// `YYYY-MM-DD`, UTC.
    package var date: String
    /// Absolute path of the script file; `nil` with any other provider.
    package var scriptPath: String?

    /// Collects the facts.
    package init(agent: String, trigger: Trigger, params: JSONValue, date: String, scriptPath: String?) {
        self.agent = agent
        self.trigger = trigger
        self.params = params
        self.date = date
        self.scriptPath = scriptPath
    }
}
