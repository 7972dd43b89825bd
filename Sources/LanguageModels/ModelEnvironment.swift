package import Domain
package import Foundation

/// Facts of the run that the scripted model may match and quote.
package struct ScriptFacts: Hashable, Sendable {
    package var agent: String
    package var trigger: Trigger
    package var params: JSONValue
    /// `YYYY-MM-DD`, UTC.
    package var date: String
    /// Absolute paths of the scripts, by the names that models are configured with.
    package var scriptPaths: [String: String]

    /// Collects the facts.
    package init(
        agent: String,
        trigger: Trigger,
        params: JSONValue,
        date: String,
        scriptPaths: [String: String] = [:]
    ) {
        self.agent = agent
        self.trigger = trigger
        self.params = params
        self.date = date
        self.scriptPaths = scriptPaths
    }
}

/// What every model of a run is made with.
package struct ModelEnvironment: Sendable {
    var facts: ScriptFacts
    var conversation: String
    var http: HTTPRoutes
    var clock: any Clock<Duration>
    var now: @Sendable () -> Date
    var random: @Sendable () -> UInt64
    var version: String
    var relay: String?
    var warn: @Sendable (String) -> Void

    /// How requests name this program.
    var userAgent: String { "action-llama/\(version)" }

    /// Collects the facts.
    ///
    /// - Parameters:
    ///   - facts: what the scripted model may match and quote.
    ///   - conversation: the run's id; providers that keep a cache for each conversation are told it. Empty: none.
    ///   - http: the clients, best with ``modelHTTPConfiguration(idle:)``.
    ///   - clock: delays of the scripted model, rests of a chain.
    ///   - now: time stamps of replies.
    ///   - random: bits for call ids that a server left out.
    ///   - version: of this program, for the user agent.
    ///   - relay: URL under which the gateway takes requests in the models' stead, with a token where the key would
    ///     stand; `nil` = models are asked directly.
    ///   - warn: told once of each field that a server refuses.
    package init(
        facts: ScriptFacts,
        conversation: String = "",
        http: HTTPRoutes,
        clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Date,
        random: @escaping @Sendable () -> UInt64,
        version: String,
        relay: String? = nil,
        warn: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.facts = facts
        self.conversation = conversation
        self.http = http
        self.clock = clock
        self.now = now
        self.random = random
        self.version = version
        self.relay = relay
        self.warn = warn
    }
}

/// One model of a run: its configuration, its key, and what it shares with the others.
struct ModelSetup: Sendable {
    var config: ModelConfig
    /// `nil` where none is needed.
    var key: String?
    var environment: ModelEnvironment
    /// What stands in for the base URL on the way out; `nil` = nothing.
    var relay: String?

    /// A ``ModelError`` of this model before any request.
    func failure(_ message: String) -> ModelError {
        ModelError(code: .badRequest, provider: config.provider, model: config.model, message: message)
    }
}
