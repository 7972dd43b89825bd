import AsyncHTTPClient
import Domain
import NIOCore
import Synchronization

extension DockerRuntime {
    /// Follows the log; see ``Runtime/follow(_:from:onLine:)``.
    package func follow(
        _ handle: RunHandle,
        from position: String?,
        onLine: @escaping @Sendable (OutputLine) async -> Void
    ) async throws {
        let reader = LogReader(
            engine: engine,
            handle: handle,
            position: position.flatMap { LogPosition(text: $0) },
            onLine: onLine
        )
        var delays = ReconnectDelays()
        while true {
            do {
                guard try await readWhileRunning(handle, with: reader) else { return }
                guard let state = try await engine.containerState(handle.rawValue) else { return }
                guard state.isRunning else {
                    // A stream that followed may have ended before the last lines were written down.
                    _ = try await reader.read(follows: false)
                    return
                }
                // An engine may end the log of a container that goes on, and do so again at once.
                if reader.takeWasHeard() { delays = ReconnectDelays() }
                try await clock.sleep(for: delays.next())
            } catch let error as RuntimeError where error.isTransient {
                try await clock.sleep(for: delays.next())
            }
        }
    }

    /// Reads until the engine ends the log; `false` when the container is gone.
    ///
    /// Podman follows the log of a container for ever that ended while the log was opened: there the end is waited for as well.
    private func readWhileRunning(_ handle: RunHandle, with reader: LogReader) async throws -> Bool {
        guard engine.dialect.isPodman else { return try await reader.read(follows: true) }
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask { try await reader.read(follows: true) }
            group.addTask {
                let exists = try await engine.waitForContainer(handle.rawValue)
                try await clock.sleep(for: Self.lastLinesLimit)
                return exists
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }

    /// How long after the end of a container its log usually needs to end.
    private static var lastLinesLimit: Duration { .seconds(1) }
}

/// Reads the log of one container, again and again, without repeating a line.
private final class LogReader: Sendable {
    private let engine: EngineClient
    private let handle: RunHandle
    private let onLine: @Sendable (OutputLine) async -> Void
    private let position: Mutex<LogPosition?>
    private let wasHeard = Mutex(false)

    init(
        engine: EngineClient,
        handle: RunHandle,
        position: LogPosition?,
        onLine: @escaping @Sendable (OutputLine) async -> Void
    ) {
        self.engine = engine
        self.handle = handle
        self.onLine = onLine
        self.position = Mutex(position)
    }

    /// Whether anything was read since this was asked last.
    func takeWasHeard() -> Bool {
        wasHeard.withLock { wasHeard in
            defer { wasHeard = false }
            return wasHeard
        }
    }

    /// Reads to the end of the answer, one reading at a time; `false` when the container is gone.
    func read(follows: Bool) async throws -> Bool {
        let resume = position.withLock { $0 }
        guard
            let response = try await engine.openLogs(
                handle.rawValue,
                since: resume?.stamp.position,
                follows: follows
            )
        else { return false }
        var frames = LogFrameParser()
        var lines = LogLineAssembler(resumeAfter: resume)
        defer { position.withLock { $0 = lines.last } }
        do {
            for try await piece in response.body {
                wasHeard.withLock { $0 = true }
                for frame in frames.append(piece.readableBytesView) {
                    for line in lines.append(frame) { await onLine(line) }
                }
            }
        } catch {
            try Task.checkCancellation()
            throw RuntimeError(code: .engine, message: "The log of \(handle) broke off: \(error).", isTransient: true)
        }
        for line in lines.finish() { await onLine(line) }
        return true
    }
}
