import Domain

extension Invocation {
    /// A gateway that does not answer must not hold up an agent that only wants to say something.
    private static let signalLimit: Duration = .seconds(2)
    /// A megabyte on its way to another machine takes longer, and it is not in the run's last lines.
    private static let returnLimit: Duration = .seconds(10)

    func status() async -> Answer {
        guard let text = arguments.first, !text.isEmpty else {
            return Answer(failure("usage: \(AgentCommand.Kind.status.usage)"), code: ExitCode.usage)
        }
        return await give(.status, Array(text.utf8), tell: "/signals/status", ["text": .string(text)])
    }

    func rerun() async -> Answer {
        await give(.rerun, [], tell: "/signals/rerun", [:])
    }

    func returnValue() async -> Answer {
        var value = arguments.isEmpty ? standardInput() ?? [] : Array(arguments.joined(separator: " ").utf8)
        if arguments.isEmpty {
            while let last = value.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { value.removeLast() }
        }
        let beginning = Self.beginning(of: value)
        let isCut = beginning.count < value.count
        return await give(
            .returnValue,
            value,
            tell: "/signals/return",
            [
                "value": .string(String(decoding: beginning, as: UTF8.self)),
                "truncated": isCut ? .some(true) : .none,
            ],
            within: Self.returnLimit
        )
    }

    /// More than is kept, to a character's end: the gateway takes off white space, and hides secrets that are whole.
    private static func beginning(of value: [UInt8]) -> ArraySlice<UInt8> {
        let end = SignalDirectory.returnLimit + (64 << 10)
        let rest = value.dropFirst(end).prefix(3).prefix { $0 & 0xC0 == 0x80 }
        return value.prefix(end + rest.count)
    }

    func exit() -> Answer {
        let text = arguments.first ?? "15"
        guard arguments.count <= 1, let code = Self.exitCode(text) else {
            return Answer(failure("usage: \(AgentCommand.Kind.exit.usage)"), code: ExitCode.usage)
        }
        return write(.exit, Array(String(code).utf8))
    }

    /// The answer is always 0: an agent that sounds the alarm must not be taught to try something else.
    func shutdown() async -> Answer {
        let given = arguments.first ?? ""
        let reason = given.isEmpty ? "agent requested shutdown" : given
        var answer = write(.shutdown, Array(reason.utf8))
        if let gateway {
            let reply = await gateway.post("/shutdown", ["reason": .string(reason)], within: .seconds(10))
            answer = relay(reply, otherwise: rejection)
        }
        answer.code = ExitCode.ok
        return answer
    }

    private static func exitCode(_ text: String) -> Int? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let code = Int(text), (0...255).contains(code),
            code != 42, code != 124
        else { return nil }
        return code
    }

    private func give(
        _ signal: SignalDirectory.Signal,
        _ content: [UInt8],
        tell path: String,
        _ members: KeyValuePairs<String, JSONValue?>,
        within limit: Duration = signalLimit
    ) async -> Answer {
        let answer = write(signal, content)
        // The file is what counts; the gateway only learns of it earlier.
        _ = await gateway?.post(path, members, within: limit)
        return answer
    }

    private func write(_ signal: SignalDirectory.Signal, _ content: [UInt8]) -> Answer {
        do {
            try signals.write(signal, content)
            return .ok
        } catch {
            let text = "cannot write the signal file \(signals.path)/\(signal.rawValue): \(error)"
            return Answer(failure(text), code: ExitCode.rejected)
        }
    }
}
