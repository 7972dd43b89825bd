import AsyncHTTPClient
import Domain
import Foundation
import Synchronization

/// What every model behind HTTP needs: where it is, the key, and what the server has refused so far.
final class ModelConnection: Sendable {
    let config: ModelConfig
    let info: ModelInfo
    /// The run's id; empty: none.
    let conversation: String
    let key: String?
    /// Unguessable bits for made-up call ids.
    let random: @Sendable () -> UInt64
    /// `action-llama/<version>`.
    private let userAgent: String
    private let base: String
    /// What stands in for ``base`` on the way out; `nil` = requests go there themselves.
    private let relay: String?
    private let transport: ModelTransport
    private let now: @Sendable () -> Date
    private let report: @Sendable (String) -> Void
    private let dropped = Mutex<Set<String>>([])
    /// What was refused in requests for a summary: they ask for less thinking than the others.
    private let droppedInSummaries = Mutex<Set<String>>([])
    private let told = Mutex<Set<String>>([])

    init(_ setup: ModelSetup, base: String) {
        let environment = setup.environment
        config = setup.config
        info = ModelTable.info(for: setup.config)
        conversation = environment.conversation
        key = setup.key.flatMap { $0.isEmpty ? nil : $0 }
        report = environment.warn
        random = environment.random
        now = environment.now
        userAgent = environment.userAgent
        self.base = base
        relay = setup.relay
        transport = ModelTransport(
            http: environment.http.client(for: setup.relay ?? base),
            provider: setup.config.provider,
            model: setup.config.model,
            authentication: setup.config.authentication,
            secret: setup.key,
            now: environment.now
        )
    }

    /// Warns once of each thing.
    func warn(_ text: String) {
        let isNew = told.withLock { $0.insert(text).inserted }
        if isNew { report(text) }
    }

    /// Whether requests go to this server in the end.
    func isAt(_ base: String) -> Bool { self.base == base }

    /// Where requests go when nothing stands in between.
    func url(_ path: String) -> String { base + path }

    /// The authorization header of most providers; none without a key.
    var bearer: [(String, String)] { key.map { [("authorization", "Bearer \($0)")] } ?? [] }

    /// Posts one request and reads the reply.
    func post<Assembler: ReplyAssembler>(
        _ exchange: WireExchange<Assembler>,
        to path: String,
        headers keyHeaders: [(String, String)],
        _ onEvent: (ModelEvent) -> Void
    ) async throws -> AssistantMessage {
        var assembler = exchange.assembler
        let reply = try await transport.post(
            exchange.body,
            to: (relay ?? base) + path,
            headers: self.headers(key: keyHeaders, exchange.headers + [("accept", "text/event-stream")]),
            into: &assembler,
            onEvent: onEvent
        )
        return AssistantMessage(
            content: reply.content,
            provider: info.provider,
            model: info.id,
            usage: reply.usage,
            stop: reply.stop,
            timestamp: now().epochMilliseconds
        )
    }

    /// The headers of a request with those that are configured, which take the place of its own.
    func headers(key: [(String, String)], _ own: [(String, String)]) -> [(String, String)] {
        // What stands in between knows the run by the header of the key.
        let key = relay == nil ? unconfigured(key) : key
        let configured = config.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return Self.joined(key + unconfigured(own) + ownUserAgent + configured)
    }

    /// The header that says who asks, unless one is configured.
    var ownUserAgent: [(String, String)] { unconfigured([("user-agent", userAgent)]) }

    /// Those headers that the configuration does not replace; betas add up.
    func unconfigured(_ headers: [(String, String)]) -> [(String, String)] {
        let configured = Set(config.headers.keys.map { $0.lowercased() }).subtracting(["anthropic-beta"])
        return headers.filter { !configured.contains($0.0) }
    }

    /// The headers, with all betas in one line.
    static func joined(_ headers: [(String, String)]) -> [(String, String)] {
        var joined: [(String, String)] = []
        for (name, value) in headers {
            let known = joined.firstIndex { $0.0 == "anthropic-beta" && name.lowercased() == $0.0 }
            if let known {
                joined[known].1 += ",\(value)"
            } else {
                joined.append((name, value))
            }
        }
        return joined
    }

    /// Makes an attempt and, when the server refuses one of the optional fields, another without it; and so on.
    ///
    /// The fields stay out for the whole session; what a summary was refused for stays out of summaries only.
    ///
    /// - Parameters:
    ///   - fields: names as they stand in error messages.
    ///   - isSummary: whether the request is for a summary of the conversation.
    ///   - isSent: whether a field is part of the request that leaves these others out.
    ///   - attempt: takes the fields to leave out.
    /// - Returns: the reply of the attempt that succeeded.
    /// - Throws: the error of the last attempt.
    func repeatingWithoutRefusedFields(
        _ fields: [String],
        isSummary: Bool,
        isSent: (String, Set<String>) -> Bool,
        attempt: (Set<String>) async throws -> AssistantMessage
    ) async throws -> AssistantMessage {
        while true {
            let before = dropped.withLock { $0 }.union(isSummary ? droppedInSummaries.withLock { $0 } : [])
            do {
                return try await attempt(before)
            } catch let error as ModelError where error.code == .badRequest {
                let refused = Self.named(fields, by: error).first { !before.contains($0) && isSent($0, before) }
                guard let field = refused else { throw error }
                warn(
                    "\(info.provider.rawValue) refuses \(field) for \(info.id); left out from now on: \(error.message)"
                )
                if isSummary {
                    droppedInSummaries.withLock { _ = $0.insert(field) }
                } else {
                    dropped.withLock { _ = $0.insert(field) }
                }
            }
        }
    }

    /// The fields that an error is about: what it calls the parameter goes before what its words mention.
    private static func named(_ fields: [String], by error: ModelError) -> [String] {
        let parameter = error.parameter?.lowercased() ?? ""
        let message = error.message.lowercased()
        return fields.filter { parameter.contains($0) } + fields.filter { message.contains($0) }
    }
}
