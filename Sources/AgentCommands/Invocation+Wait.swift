import Domain

extension Invocation {
    func wait() async -> Answer {
        guard let gateway else { return Answer(["error": "no gateway"], code: ExitCode.unavailable) }
        guard let request = WaitArguments(arguments) else {
            return Answer(["error": .string("usage: \(AgentCommand.Kind.wait.usage)")], code: ExitCode.usage)
        }
        let elapsed = clock.stopwatch()
        let remaining: @Sendable () -> Duration = { request.timeout - elapsed() }
        let states = await withTaskGroup(of: (String, CallLook).self) { group in
            for id in request.ids {
                group.addTask { (id, await watch(id, gateway, remaining)) }
            }
            return await group.reduce(into: [:]) { states, entry in states[entry.0] = entry.1 }
        }
        return Self.summary(request.ids, states)
    }

    /// Looks at one call until it is over, refused, or time is up.
    private func watch(_ id: String, _ gateway: GatewayClient, _ remaining: @Sendable () -> Duration) async -> CallLook
    {
        var last = CallLook.open(["status": "pending"])
        var isFirst = true
        while isFirst || remaining() > .zero {
            let before = remaining()
            let seconds = isFirst ? 0 : max(0, min(30, Int(before.components.seconds)))
            let limit: Duration = isFirst ? .seconds(10) : min(.seconds(seconds + 10), max(before, .seconds(1)))
            isFirst = false
            switch CallLook(await gateway.call(id, wait: seconds, within: limit)) {
            case .some(.open(let body)): last = .open(body)
            case .some(let ended): return ended
            case nil: break
            }
            // A gateway that answers an unfinished call at once, or a lost connection, must not become a busy loop.
            let pause = min(Duration.seconds(1) - (before - remaining()), remaining())
            // Interrupted means that the command ends; the loop ends with it.
            if pause > .zero, (try? await clock.sleep(for: pause)) == nil { break }
        }
        return last
    }

    private static func summary(_ ids: [String], _ looks: [String: CallLook]) -> Answer {
        var result: JSONValue = [:]
        var codes: Set<Int32> = []
        for id in ids {
            guard let look = looks[id] else { continue }
            result[id] = look.body
            codes.insert(look.code)
        }
        let order = [
            ExitCode.forbidden, ExitCode.notFound, ExitCode.badRequest, ExitCode.rejected, ExitCode.other,
            ExitCode.deadline,
        ]
        return Answer(result, code: order.first(where: codes.contains) ?? ExitCode.ok)
    }
}

/// The arguments of `al-wait`.
struct WaitArguments: Hashable {
    var ids: [String] = []
    var timeout: Duration = .seconds(900)

    /// `nil` when they do not follow the usage.
    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--timeout" {
                guard let text = rest.popFirst(), let seconds = Self.seconds(text) else { return nil }
                timeout = seconds
            } else if argument.hasPrefix("--timeout=") {
                guard let seconds = Self.seconds(argument.dropFirst("--timeout=".count)) else { return nil }
                timeout = seconds
            } else if argument.isEmpty || argument.hasPrefix("--") {
                return nil
            } else if !ids.contains(argument) {
                ids.append(argument)
            }
        }
        guard !ids.isEmpty else { return nil }
    }

    private static func seconds(_ text: some StringProtocol) -> Duration? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text) else {
            return nil
        }
        return .seconds(min(value, 365 * 86400))
    }
}

/// What one look at a call showed.
private enum CallLook: Sendable {
    case open(JSONValue)
    case ended(JSONValue)
    /// The gateway will not say more; the code tells why.
    case refused(JSONValue, code: Int32)

    /// `nil` when looking again may help: no connection, or a failure of the gateway.
    init?(_ reply: GatewayClient.Reply) {
        guard case .answered(let status, let body) = reply else { return nil }
        switch status {
        case 200:
            guard let body else { return nil }
            let state = body["status"]?.stringValue
            self = state == "completed" || state == "error" ? .ended(body) : .open(body)
        case 500...599: return nil
        default:
            let text = body?["error"]?.stringValue ?? "unexpected answer (HTTP \(status))"
            self = .refused(Invocation.callError(text), code: ExitCode.forStatus(status))
        }
    }

    var body: JSONValue {
        switch self {
        case .open(let body), .ended(let body), .refused(let body, _): body
        }
    }

    var code: Int32 {
        switch self {
        case .open: ExitCode.deadline
        case .ended: ExitCode.ok
        case .refused(_, let code): code
        }
    }
}
