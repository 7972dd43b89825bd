import Domain
import Foundation
import Subprocess

/// A server that is a child process and speaks over its standard streams, one message a line.
struct MCPStdioTransport: MCPTransport {
    private static let lineLimit = 16 << 20

    let command: [String]
    let directory: String
    let environment: [String: String]

    func connect(_ body: @Sendable (MCPChannel) async throws -> Void) async throws {
        Self.brokenPipesAreErrors
        let tail = ErrorTail()
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: Arguments(running: command, in: directory),
            environment: .only(environment),
            platformOptions: .session(endingBy: Self.ending),
            input: .inputWriter,
            output: .sequence,
            error: .sequence
        ) { execution in
            let (incoming, continuation) = AsyncStream.makeStream(of: JSONValue.self, bufferingPolicy: .unbounded)
            let (sending, outbox) = AsyncStream.makeStream(of: JSONValue.self, bufferingPolicy: .unbounded)
            let writer = execution.standardInputWriter
            let output = execution.standardOutput
            let error = execution.standardError
            let channel = MCPChannel(
                send: { message in
                    guard case .enqueued = outbox.yield(message) else { throw CancellationError() }
                },
                incoming: incoming
            )
            return await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { continuation.finish() }
                    var lines = MessageLines(limit: Self.lineLimit)
                    for try await buffer in output {
                        for message in buffer.withUnsafeBytes({ lines.append($0) }) { continuation.yield(message) }
                    }
                }
                // One at a time: a message longer than the pipe is written in pieces.
                group.addTask {
                    defer {
                        outbox.finish()
                        continuation.finish()
                    }
                    for await message in sending {
                        _ = try await writer.write(Array((message.compactText + "\n").utf8))
                    }
                }
                group.addTask {
                    for try await buffer in error { tail.append(buffer.withUnsafeBytes { Array($0) }) }
                }
                let end = await Self.outcome { try await body(channel) }
                // A well-behaved server ends with its input; one that is gone already has none to close.
                try? await writer.finish()
                await execution.teardown(using: Self.ending)
                group.cancelAll()
                return end
            }
        }
        // How the child ended says more than that nobody was there any more.
        switch result.closureResult {
        case let error as MCPError where error.code != .gone: throw error
        case let error as CancellationError: throw error
        default: break
        }
        throw Ended(
            status: result.terminationStatus,
            errorText: tail.text.trimmingCharacters(in: .whitespacesAndNewlines)
        )
    }

    /// A server that died must cost a failed write, not this process.
    private static let brokenPipesAreErrors: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    private static func outcome(of body: () async throws -> Void) async -> (any Error)? {
        do {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    /// The child is gone.
    struct Ended: Error, CustomStringConvertible {
        var status: TerminationStatus
        var errorText: String

        var description: String {
            let how =
                switch status {
                case .exited(let code): "it exited with code \(code)"
                case .signaled(let signal): "it was killed by \(SignalName.text(Int(signal)))"
                }
            return how + (errorText.isEmpty ? "" : "; it said: \(errorText)")
        }
    }

    private static let ending: [TeardownStep] = [
        .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(2)),
        .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero),
    ]
}

/// Cuts a stream of bytes into messages, one a line.
private struct MessageLines {
    let limit: Int
    private var pending: [UInt8] = []

    init(limit: Int) { self.limit = limit }

    /// The messages that these bytes complete; lines that are no JSON are left out, as servers print what they should not.
    mutating func append(_ bytes: UnsafeRawBufferPointer) -> [JSONValue] {
        pending += bytes
        guard let end = pending.lastIndex(of: 0x0A) else {
            if pending.count > limit { pending = [] }
            return []
        }
        let lines = pending[..<end].split(separator: 0x0A)
        pending.removeSubrange(...end)
        return lines.compactMap { try? JSONValue(parsing: $0) }
    }
}
