import Domain
import Foundation
import Synchronization

/// A running command with everything it started.
///
/// One thread per command reads the pipe and watches the shell: both block, and blocking must not happen on the threads of the
/// cooperative pool. Real processes live in real time, hence the system's monotonic clock here and nowhere else.
final class ShellProcess: Sendable {
    enum Exit: Hashable {
        case code(Int)
        case signal(Int)
    }

    /// Where a command stands.
    enum Phase: Hashable {
        case running
        /// The shell is gone; processes of its group live, or somebody else holds the pipe.
        case leftBehind
        case ended
    }

    struct Snapshot {
        var phase: Phase
        var exit: Exit?
        var timedOut: Bool
        var output: String
        var redacted: Set<String>
    }

    private struct Waiter {
        var deadline: UInt64?
        /// Left-behind processes do not satisfy it.
        var untilEnd: Bool
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var output: ShellOutput
        var exit: Exit?
        var phase = Phase.running
        var isPipeOpen = true
        var timedOut = false
        var timeoutAt: UInt64?
        var killAt: UInt64?
        var wasKilled = false
        var lastData: UInt64
        var lastGroupCheck: UInt64 = 0
        /// A process of the group that lived at the last look.
        var member: pid_t?
        var waiters: [Waiter] = []
    }

    private static let quietPeriod: UInt64 = 500_000_000
    private static let gracePeriod: UInt64 = 2_000_000_000

    let processID: pid_t
    private let pipe: Int32
    private let makeOutput: @Sendable () -> ShellOutput
    private let state: Mutex<State>

    /// Starts a command.
    ///
    /// - Parameters:
    ///   - command: for the shell.
    ///   - context: where it runs, and with what environment.
    ///   - timeout: seconds until the whole group is asked to end, then killed.
    /// - Throws: ``HarnessError`` when it cannot be started.
    init(_ command: String, in context: ToolContext, timeout: Double?) throws {
        let (directory, makeID, redact) = (context.temporaryDirectory, context.makeID, context.redact)
        makeOutput = { ShellOutput(filePath: "\(directory)/al-bash-\(makeID()).log", redact: redact) }
        let handle = try ChildProcess.start(
            command,
            directory: context.workingDirectory,
            environment: context.environment
        )
        processID = handle.processID
        pipe = handle.pipe
        let now = Self.now()
        var initial = State(output: makeOutput(), lastData: now)
        initial.timeoutAt = timeout.map { now + UInt64(max(0, min($0, 1e7)) * 1e9) }
        state = Mutex(initial)
        Thread.detachNewThread { self.watch() }
    }

    /// Waits until the command has settled: the shell is gone and its output ended or paused, or the time is over.
    func settle(within seconds: Double?) async { await wait(within: seconds, untilEnd: false) }

    /// Waits until nothing of the command is left, the time is over, or the task is cancelled.
    func end(within seconds: Double) async {
        await withTaskCancellationHandler {
            await wait(within: seconds, untilEnd: true)
        } onCancel: {
            state.withLock { state in
                for index in state.waiters.indices where state.waiters[index].untilEnd {
                    state.waiters[index].deadline = 0
                }
            }
        }
    }

    private func wait(within seconds: Double?, untilEnd: Bool) async {
        let deadline = seconds.map { Self.now() + UInt64(max(0, min($0, 1e7)) * 1e9) }
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                let isThere = untilEnd ? state.phase == .ended : state.phase != .running
                // A cancellation that came before the waiter was entered found nobody to wake.
                if isThere || (untilEnd && Task.isCancelled) { return true }
                state.waiters.append(Waiter(deadline: deadline, untilEnd: untilEnd, continuation: continuation))
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    var phase: Phase { state.withLock { $0.phase } }

    /// Takes the output since the last look and where things stand.
    func look() -> Snapshot {
        state.withLock { state in
            let output = state.output.finish()
            let redacted = state.output.redacted
            state.output = makeOutput()
            return Snapshot(
                phase: state.phase,
                exit: state.exit,
                timedOut: state.timedOut,
                output: output,
                redacted: redacted
            )
        }
    }

    /// Asks the group to end; what is left after two seconds is killed.
    func terminate() {
        let isNew = state.withLock { state in
            guard state.phase != .ended, state.killAt == nil else { return false }
            state.killAt = Self.now() + Self.gracePeriod
            return true
        }
        if isNew { kill(-processID, SIGTERM) }
    }

    /// Kills the group at once.
    func killNow() {
        let isNew = state.withLock { state in
            guard state.phase != .ended else { return false }
            state.killAt = Self.now()
            return true
        }
        if isNew { kill(-processID, SIGKILL) }
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

extension ShellProcess {
    private func watch() {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
        defer {
            buffer.deallocate()
            close(pipe)
        }
        // A shell ends right after its output: first look often, then seldom, in microseconds.
        var pause: UInt32 = 50
        while true {
            if state.withLock({ $0.isPipeOpen }) {
                var descriptor = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
                if poll(&descriptor, 1, 20) > 0 { drain(into: buffer) }
            } else {
                usleep(pause)
                pause = min(pause * 2, 20_000)
            }
            if advance() { return }
        }
    }

    private func drain(into buffer: UnsafeMutableRawBufferPointer) {
        // Sixteen rounds, so that a flood cannot keep the deadlines from being looked at.
        for _ in 0..<16 {
            let count = read(pipe, buffer.baseAddress, buffer.count)
            let code = errno
            if count > 0 {
                state.withLock { state in
                    state.output.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                    state.lastData = Self.now()
                }
                continue
            }
            if count < 0, code == EAGAIN || code == EINTR { return }
            state.withLock { $0.isPipeOpen = false }
            return
        }
    }

    /// Looks at shell, deadlines and group; whether everything is over.
    private func advance() -> Bool {
        let now = Self.now()
        let exited = reap()
        let (signal, woken, isOver) = state.withLock { state -> (Int32?, [Waiter], Bool) in
            if let exited {
                state.exit = exited
                // A shell that ended in time is not late because its output has to be quiet for a while.
                state.timeoutAt = state.timeoutAt.map { max($0, now + 2 * Self.quietPeriod) }
            }
            var signal: Int32?
            if let timeout = state.timeoutAt, timeout <= now, state.killAt == nil, state.phase == .running {
                // Also when the shell itself is gone: what it left behind may go on talking for ever.
                state.timedOut = true
                state.killAt = now + Self.gracePeriod
                signal = SIGTERM
            } else if let killAt = state.killAt, killAt <= now, !state.wasKilled {
                state.wasKilled = true
                signal = SIGKILL
            }
            updatePhase(&state, now: now)
            let phase = state.phase
            let isDone = { (waiter: Waiter) in
                phase == .ended || (phase == .leftBehind && !waiter.untilEnd)
                    || waiter.deadline.map { $0 <= now } ?? false
            }
            let woken = state.waiters.filter(isDone)
            state.waiters.removeAll(where: isDone)
            return (signal, woken, state.phase == .ended)
        }
        if let signal { kill(-processID, signal) }
        for waiter in woken { waiter.continuation.resume() }
        return isOver
    }

    private func updatePhase(_ state: inout State, now: UInt64) {
        guard state.exit != nil else { return }
        let isQuiet = now - state.lastData >= Self.quietPeriod
        let isEnding = state.killAt != nil
        guard !state.isPipeOpen || isQuiet || isEnding else { return }
        let isDue = now - state.lastGroupCheck >= (isEnding ? 20_000_000 : Self.quietPeriod)
        guard state.phase == .running || isDue else { return }
        state.lastGroupCheck = now
        state.member = ProcessGroup.livingMember(of: processID, known: state.member)
        if state.member != nil {
            if !isEnding || state.phase == .leftBehind { state.phase = .leftBehind }
        } else if !state.isPipeOpen || (isEnding && isQuiet) || state.wasKilled {
            state.phase = .ended
        } else if isQuiet {
            state.phase = .leftBehind
        }
    }

    private func reap() -> Exit? {
        guard state.withLock({ $0.exit == nil }) else { return nil }
        var status: Int32 = 0
        let result = waitpid(processID, &status, WNOHANG)
        if result == 0 || (result < 0 && errno == EINTR) { return nil }
        // Somebody who reaps orphans was faster: the exit status is lost, the end is not.
        guard result > 0 else { return .code(0) }
        let signal = status & 0x7F
        return signal == 0 ? .code(Int(status >> 8) & 0xFF) : .signal(Int(signal))
    }
}

/// Questions about process groups.
enum ProcessGroup {
    /// A member of the group that is more than a zombie.
    ///
    /// - Parameters:
    ///   - group: its id.
    ///   - known: a member of before, which spares looking at all processes of the machine as long as it lives.
    /// - Returns: any of them, `nil` when there is none.
    static func livingMember(of group: pid_t, known: pid_t?) -> pid_t? {
        guard kill(-group, 0) == 0 else { return nil }
        if let known, isLiving(known, in: group) { return known }
        // Where there is no /proc the answer of the system has to do.
        guard let entries = try? FileManager.default.contentsOfDirectory(atPath: "/proc") else { return group }
        return entries.lazy.compactMap { pid_t($0) }.first { isLiving($0, in: group) }
    }

    private static func isLiving(_ process: pid_t, in group: pid_t) -> Bool {
        guard let line = FileManager.default.contents(atPath: "/proc/\(process)/stat"),
            let stat = ProcessStat(line: Array(line))
        else { return false }
        return stat.group == group && !stat.hasEnded
    }
}
