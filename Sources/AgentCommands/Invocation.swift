import Domain

/// One invocation of a command: what it was given and what it may talk to.
struct Invocation: Sendable {
    let arguments: [String]
    let gateway: GatewayClient?
    let signals: SignalDirectory
    let standardInput: @Sendable () -> [UInt8]?
    let clock: any Clock<Duration>

    func answer(to kind: AgentCommand.Kind) async -> Answer {
        switch kind {
        case .status: await status()
        case .rerun: await rerun()
        case .returnValue: await returnValue()
        case .exit: exit()
        case .shutdown: await shutdown()
        case .call: await call()
        case .check: await check()
        case .wait: await wait()
        case .lock: await lock("/locks/acquire", usage: kind.usage)
        case .unlock: await lock("/locks/release", usage: kind.usage)
        case .heartbeat: await lock("/locks/heartbeat", usage: kind.usage)
        }
    }

    /// The gateway's answer as it came; something valid in its place where it was no JSON or none came.
    func relay(_ reply: GatewayClient.Reply, otherwise: (String) -> JSONValue) -> Answer {
        switch reply {
        case .answered(_, .some(let body)): Answer(body, code: reply.code)
        case .answered(let status, nil): Answer(otherwise("unexpected answer (HTTP \(status))"), code: reply.code)
        case .unreachable: Answer(otherwise("gateway unreachable"), code: reply.code)
        }
    }

    func rejection(_ reason: String) -> JSONValue { ["ok": false, "reason": .string(reason)] }

    func failure(_ error: String) -> JSONValue { ["ok": false, "error": .string(error)] }
}
