import Domain

extension Invocation {
    /// Outside a run there is nobody to compete with, so every lock is free; that comes before the check of the arguments.
    func lock(_ path: String, usage: String) async -> Answer {
        guard let gateway else { return .ok }
        guard let key = arguments.first, !key.isEmpty else {
            return Answer(failure("usage: \(usage)"), code: ExitCode.usage)
        }
        let reply = await gateway.post(path, ["resourceKey": .string(key)], within: .seconds(10))
        return relay(reply, otherwise: rejection)
    }
}
