import Domain

extension Invocation {
    private static let limit: Duration = .seconds(30)

    func call() async -> Answer {
        guard let gateway else { return Answer(rejection("no gateway"), code: ExitCode.unavailable) }
        guard let agent = arguments.first, !agent.isEmpty else {
            return Answer(rejection("usage: \(AgentCommand.Kind.call.usage)"), code: ExitCode.usage)
        }
        let context = String(decoding: standardInput() ?? [], as: UTF8.self)
        let reply = await gateway.post(
            "/calls",
            ["targetAgent": .string(agent), "context": .string(context)],
            within: Self.limit
        )
        return relay(reply, otherwise: rejection)
    }

    func check() async -> Answer {
        guard let gateway else { return Answer(Self.callError("no gateway"), code: ExitCode.unavailable) }
        guard let id = arguments.first, !id.isEmpty else {
            return Answer(Self.callError("usage: \(AgentCommand.Kind.check.usage)"), code: ExitCode.usage)
        }
        return relay(await gateway.call(id, within: Self.limit), otherwise: Self.callError)
    }

    static func callError(_ message: String) -> JSONValue {
        ["status": "error", "errorMessage": .string(message)]
    }
}
