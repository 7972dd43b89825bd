import Domain
import Harness
import LanguageModels
import Serving

/// The session of a chat: a person and the agent, message by message, over the gateway, until one side ends it.
struct ChatSession: Sendable {
    let access: ChatAccess

    /// Talks.
    ///
    /// - Throws: ``RunFailure`` when model, tool servers or gateway are not there.
    @Sendable
    func run(_ request: SessionRequest, _ reporter: RunReporter) async throws -> WorkEnd {
        let target = try access.target
        let client = WebSocketClient(messageLimit: ChatLimits.messageBytes, random: request.machine.random)
        return try await HarnessSession.with(request, reporter.log) { parts in
            let connection: WebSocketConnection
            do {
                connection = try await client.open(target)
            } catch {
                throw RunFailure(.configuration, "the gateway at \(target.host):\(target.port) gives no chat: \(error)")
            }
            reporter.log.line(.info, "chat opened", ["session": .string(access.session)])
            await talk(over: connection, request, parts, reporter)
            reporter.log.line(.info, "chat closed")
            return .finished
        }
    }

    private func talk(
        over connection: WebSocketConnection,
        _ request: SessionRequest,
        _ parts: HarnessSession.Parts,
        _ reporter: RunReporter
    ) async {
        let clock = request.machine.clock
        let outbox = ChatOutbox(clock: clock)
        let desk = ChatDesk()
        outbox.add(.auth(token: access.token))
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                _ = await connection.exchange(outbox.texts, clock: clock) { try Self.obey($0, desk) }
            }
            group.addTask {
                // The sleep fails only when the chat ends.
                while (try? await clock.sleep(for: ChatLimits.heartbeat)) != nil { outbox.add(.heartbeat) }
            }
            group.addTask { await answer(desk, outbox, request, parts, reporter) }
            await group.next()
            group.cancelAll()
        }
    }

    private static func obey(_ text: String, _ desk: ChatDesk) throws {
        switch try ChatOrder(parsing: text) {
        case .userMessage(let text): desk.answer(text)
        case .cancel: desk.cancel()
        case .clear: desk.forget()
        case .shutdown: throw WebSocketClosure.finished
        }
    }

    /// Answers one message after the other.
    private func answer(
        _ desk: ChatDesk,
        _ outbox: ChatOutbox,
        _ request: SessionRequest,
        _ parts: HarnessSession.Parts,
        _ reporter: RunReporter
    ) async {
        var conversation: [Message] = []
        // One for the chat: a server that one answer started is there for the next.
        let context = HarnessSession.context(request, parts.model)
        for await task in desk.tasks {
            switch task {
            case .forget: conversation = []
            case .answer(let text):
                let chat = ChatReporter(outbox, redaction: request.redaction)
                let tap = TappedModel(parts.model, history: conversation) { chat.report($0) }
                let session = session(text, conversation, tap, context, request, parts, reporter)
                let result = await Self.run(session, until: desk.beginTurn())
                desk.endTurn()
                // What failed before any answer is not worth remembering.
                if let result, result.turns > 0 { conversation = tap.conversation }
                chat.end(result)
            }
        }
        // A shield: the end of the children must be awaited although the chat itself was cancelled.
        await Task { await context.jobs.endAll() }.value
    }

    private func session(
        _ text: String,
        _ conversation: [Message],
        _ tap: TappedModel,
        _ context: ToolContext,
        _ request: SessionRequest,
        _ parts: HarnessSession.Parts,
        _ reporter: RunReporter
    ) -> Session {
        let machine = request.machine
        return Session(
            model: tap,
            tools: parts.servers.registry(),
            newTools: { await parts.servers.changedRegistry() },
            context: context,
            system: request.system,
            prompt: text,
            limits: request.config.limits,
            clock: machine.clock,
            now: machine.now,
            random: { machine.unitRandom() },
            history: conversation,
            keepsJobs: true,
            onEvent: { event in
                // A transcript is that of a run: one conversation from its first line to its last.
                if case .transcript = event { return }
                reporter.report(event)
            }
        )
    }

    /// Runs a session until it ends or somebody wants it to.
    private static func run(_ session: Session, until cancelled: AsyncStream<Void>) async -> SessionResult? {
        await withTaskGroup(of: SessionResult?.self) { group in
            group.addTask { await session.run() }
            group.addTask {
                for await _ in cancelled { break }
                return nil
            }
            var result: SessionResult?
            while let end = await group.next() {
                result = end ?? result
                group.cancelAll()
            }
            return result
        }
    }
}
