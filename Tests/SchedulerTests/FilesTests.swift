import Domain
import Foundation
import OrderedCollections
import Runtimes
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Scheduler

@Suite struct FilesTests {
    @Test("entries before and after midnight UTC stand in two files that only their owner reads")
    func rotation() async throws {
        try await withTemporaryDirectory { directory in
            let midnight = Date(timeIntervalSince1970: 1_709_251_200)
            let clock = Mutex(midnight - 1)
            let files = try LogFiles(stateDirectory: directory, process: 7, host: "h", now: { clock.withLock { $0 } })
            func write(at time: Date) {
                files.write(LogEntry(level: .info, time: time, name: "dev", fields: ["n": 1, "pid": 9], message: "m"))
            }
            write(at: midnight - 1)
            clock.withLock { $0 = midnight }
            // Read late, as by a scheduler that was not there at midnight: followers of logs are in the new file already.
            write(at: midnight - 2)
            write(at: midnight)
            let old = try String(contentsOfFile: directory + "/logs/dev-2024-02-29.log", encoding: .utf8)
            #expect(
                old == #"{"level":30,"time":1709251199000,"pid":7,"hostname":"h","name":"dev","n":1,"msg":"m"}"# + "\n"
            )
            let path = directory + "/logs/dev-2024-03-01.log"
            let new = try String(contentsOfFile: path, encoding: .utf8)
            #expect(
                new.split(separator: "\n").map { $0.prefix(31) } == [
                    #"{"level":30,"time":170925119800"#, #"{"level":30,"time":170925120000"#,
                ]
            )
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            // Somebody sets the clock back: the newest file stays the one to follow.
            clock.withLock { $0 = midnight - 5 }
            write(at: midnight - 5)
            #expect(try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").count == 3)
        }
    }

    @Test("a project has one scheduler at a time; the second learns who holds the lock, a stale file is taken over")
    func lock() async throws {
        try await withTemporaryDirectory { directory in
            let owner = LockOwner(process: 12, host: "h", port: 8080, startedAt: Date(timeIntervalSince1970: 1))
            let lock = try ProjectLock(stateDirectory: directory, owner: owner)
            let error = #expect(throws: ProjectLockError.self) {
                try ProjectLock(stateDirectory: directory, owner: owner)
            }
            #expect(error?.owner == owner)
            #expect(error?.description.contains("pid 12 on h, port 8080") == true)
            #expect(ProjectLock.state(stateDirectory: directory) == .held(owner))
            lock.release()
            #expect(ProjectLock.state(stateDirectory: directory) == .free)
            _ = try ProjectLock(stateDirectory: directory, owner: owner)
        }
    }

    @Test("a lock that the dead scheduler's last child still has is waited for; that of a live one is tried twice")
    func leftBehindLock() async throws {
        try await withTemporaryDirectory { directory in
            let clock = TestClock()
            // No process has this number.
            let dead = LockOwner(process: .max, host: "h", port: 1, startedAt: Date(timeIntervalSince1970: 1))
            let old = try ProjectLock(stateDirectory: directory, owner: dead)
            async let taken = ProjectLock.take(stateDirectory: directory, owner: dead, clock: clock)
            _ = await clock.advanceToNextSleeper()
            await clock.waitForSleepers()
            old.release()
            _ = await clock.advanceToNextSleeper()
            _ = try await taken
            let live = LockOwner(process: getpid(), host: "h", port: 1, startedAt: Date(timeIntervalSince1970: 1))
            let held = try ProjectLock(stateDirectory: directory + "/other", owner: live)
            let refused = Task {
                try await ProjectLock.take(stateDirectory: directory + "/other", owner: live, clock: clock)
            }
            #expect(await clock.advanceToNextSleeper() == .milliseconds(20))
            await #expect(throws: ProjectLockError.self) { try await refused.value }
            held.release()
        }
    }

    @Test("who looks at the lock keeps nobody from looking, and no scheduler from starting")
    func lookedAtLock() async throws {
        try await withTemporaryDirectory { directory in
            let clock = TestClock()
            let owner = LockOwner(process: getpid(), host: "h", port: 1, startedAt: Date(timeIntervalSince1970: 1))
            try ProjectLock(stateDirectory: directory, owner: owner).release()
            // As another command does for a moment.
            let look = open(directory + "/scheduler.lock", O_RDONLY | O_CLOEXEC)
            try #require(flock(look, LOCK_SH | LOCK_NB) == 0)
            #expect(ProjectLock.state(stateDirectory: directory) == .free)
            async let taken = ProjectLock.take(stateDirectory: directory, owner: owner, clock: clock)
            await clock.waitForSleepers()
            close(look)
            _ = await clock.advanceToNextSleeper()
            let lock = try await taken
            #expect(ProjectLock.state(stateDirectory: directory) == .held(owner))
            lock.release()
        }
    }

    @Test("a lock that cannot be read is not taken for a free one, and to look makes no file")
    func unreadableLock() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/scheduler.lock"
            #expect(ProjectLock.state(stateDirectory: directory) == .free)
            #expect(!FileManager.default.fileExists(atPath: path))
            // Nobody can open it, the superuser neither.
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
            #expect(ProjectLock.state(stateDirectory: directory) == .unknown(path: path))
        }
    }

    @Test("a scheduler that is stopping says so to the next one", arguments: [(1, "1 run"), (3, "3 runs")])
    func drainingLock(runs: Int, text: String) async throws {
        try await withTemporaryDirectory { directory in
            let owner = LockOwner(process: 12, host: "h", port: 8080, startedAt: Date(timeIntervalSince1970: 1))
            let lock = try ProjectLock(stateDirectory: directory, owner: owner)
            lock.noteDraining(runs)
            let error = #expect(throws: ProjectLockError.self) {
                try ProjectLock(stateDirectory: directory, owner: owner)
            }
            let sentence = try #require(error?.description)
            for part in ["still draining", "pid 12 on h, port 8080", "waits for \(text);", "al stop --now"] {
                #expect(sentence.contains(part))
            }
        }
    }

    @Test("old transcripts are deleted, those of live runs and others' files are not")
    func transcripts() async throws {
        try await withTemporaryDirectory { directory in
            let files = try LogFiles(stateDirectory: directory, process: 7, host: "h", now: { .distantPast })
            let instances = try (0..<3).map { InstanceID(agent: try AgentName("dev"), run: RunID(bits: $0)) }
            for instance in instances { files.appendTranscript("{}", of: instance) }
            let old = Date(timeIntervalSince1970: 1_000_000)
            for instance in instances.prefix(2) {
                let path = "\(directory)/transcripts/\(instance).jsonl"
                try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: path)
            }
            files.deleteTranscripts(olderThan: old + 1, keeping: [instances[0]])
            let left = try FileManager.default.contentsOfDirectory(atPath: directory + "/transcripts")
            #expect(Set(left) == ["\(instances[0]).jsonl", "\(instances[2]).jsonl"])
        }
    }

    @Test("a run that a spent budget ended has failed with 17, whatever its process says; one that was done is done")
    func budgetVerdict() {
        func outcome(_ code: Int) -> RunOutcome {
            RunVerdict(
                end: RunEnd(code: code, cause: .exited),
                stopCause: .budget("spent"),
                timeout: 5,
                report: RunReport()
            ).outcome
        }
        #expect(outcome(143) == RunOutcome(state: .failed, exitCode: 17, reason: "spent"))
        #expect(outcome(137) == RunOutcome(state: .failed, exitCode: 17, reason: "spent"))
        #expect(outcome(0).state == .succeeded)
    }

    @Test(
        "outcomes follow exit code, kill and watchdog",
        arguments: [
            (RunEnd(code: 0, cause: .exited), nil, false, RunState.succeeded, 0),
            (RunEnd(code: 42, cause: .exited), nil, false, .succeeded, 0),
            (RunEnd(code: 11, cause: .exited), nil, false, .failed, 11),
            (RunEnd(code: 124, cause: .exited), nil, false, .timedOut, 124),
            (RunEnd(code: 137, cause: .exited), nil, true, .timedOut, 124),
            (RunEnd(code: 137, cause: .exited), "killed", false, .killed, 137),
            (RunEnd(code: 137, cause: .outOfMemory), nil, false, .failed, 137),
            (RunEnd(code: nil, cause: .vanished), nil, false, .lost, nil),
        ] as [(RunEnd, String?, Bool, RunState, Int?)]
    )
    func verdict(end: RunEnd, killReason: String?, watchdog: Bool, state: RunState, code: Int?) {
        let outcome = RunVerdict(
            end: end,
            stopCause: watchdog ? .timeout : killReason.map(StopCause.killed),
            timeout: 5,
            report: RunReport()
        ).outcome
        #expect(outcome.state == state)
        #expect(outcome.exitCode == code)
        #expect(outcome.wantsRerun == (end.code == 42))
    }
}
