import Domain
import Foundation

/// `.al/runs/<instance>/`: what one local run leaves on this machine.
struct RunDirectory: Hashable, Sendable {
    let instance: InstanceID
    /// Absolute.
    let path: String

    /// The directory of a run, whether or not it exists.
    init(instance: InstanceID, project: ProjectDirectory) {
        self.instance = instance
        path = "\(Self.parent(of: project))/\(instance)"
    }

    static func parent(of project: ProjectDirectory) -> String { "\(project.path)/.al/runs" }

    /// Every run directory of a project.
    static func all(of project: ProjectDirectory) -> [RunDirectory] {
        // No directory yet means no runs.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent(of: project))) ?? []
        return names.sorted().compactMap { InstanceID($0) }.map { RunDirectory(instance: $0, project: project) }
    }

    var output: String { "\(path)/out" }
    var errors: String { "\(path)/err" }
    var bin: String { "\(path)/bin" }
    var work: String { "\(path)/work" }
    var temporary: String { "\(path)/tmp" }
    var signals: String { "\(path)/tmp/signals" }
    var home: String { "\(path)/home" }
    var prompt: String { "\(path)/prompt" }
    /// Program that judges the system calls of a sandbox.
    var filter: String { "\(path)/seccomp" }
    var staticFiles: String { "\(path)/static" }
    /// Written by the process itself before anything else of it runs: its line of `/proc/<pid>/stat`.
    var processFile: String { "\(path)/process" }
    private var groupFile: String { "\(path)/control-group" }
    private var bootFile: String { "\(path)/boot" }

    /// The process of the run; `nil` when none was started or it is not known yet.
    var process: ProcessIdentity? {
        guard let line = text(processFile), line.hasSuffix("\n"), let stat = ProcessStat(line: Array(line.utf8)),
            let boot = text(bootFile)
        else { return nil }
        return ProcessIdentity(pid: stat.pid, startTime: stat.startTime, bootID: boot)
    }

    /// Makes the directory with everything in it; `false` when it exists: the run was launched before.
    func create() throws -> Bool {
        let files = FileManager.default
        let parent = String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex))
        do {
            try files.createDirectory(atPath: parent, withIntermediateDirectories: true)
            // mkdir alone decides who launches: it fails for all but one.
            guard mkdir(path, 0o700) == 0 else {
                if errno == EEXIST { return false }
                throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path])
            }
            for directory in [work, temporary, signals, home] {
                try files.createDirectory(
                    atPath: directory,
                    withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700]
                )
            }
            try write(Array(ProcessIdentity.currentBootID.utf8), to: bootFile)
            return true
        } catch {
            throw RuntimeError(code: .launchFailed, message: "The run's directory \(path) cannot be made: \(error).")
        }
    }

    /// Writes a file that only the owner can read; not to the disk yet, for no run outlives a power cut.
    func write(_ content: [UInt8], to file: String) throws {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        do {
            guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
            try FileHandle(fileDescriptor: descriptor, closeOnDealloc: true).write(contentsOf: Data(content))
        } catch {
            throw RuntimeError(code: .launchFailed, message: "\(file) cannot be written: \(error).")
        }
    }

    /// Writes a file of the agent; scripts can be run.
    func writeStatic(_ content: [UInt8], name: String) throws {
        let file = URL(filePath: "\(staticFiles)/\(name)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        try write(content, to: file.path)
        guard content.starts(with: Array("#!".utf8)) else { return }
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: file.path)
    }

    /// Remembers the control group of the run, so that whoever deletes the directory takes it away too.
    func note(_ group: ControlGroup) throws {
        try write(Array(group.directories.joined(separator: "\n").utf8), to: groupFile)
    }

    /// The control group of the run; `nil` = none was made.
    var group: ControlGroup? {
        text(groupFile).map { ControlGroup(directories: $0.split(separator: "\n").map(String.init)) }
    }

    /// Deletes everything; fine when it is gone.
    func delete() throws {
        group?.remove()
        guard FileManager.default.fileExists(atPath: path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            // Tools write-protect what they keep, directories of modules for example.
            makeWritable()
            try FileManager.default.removeItem(atPath: path)
        }
    }

    /// Lets the owner delete what is below, without following links.
    private func makeWritable() {
        var open = [path]
        while let directory = open.popLast() {
            var facts = stat()
            guard lstat(directory, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else { continue }
            chmod(directory, 0o700)
            // What cannot be read will be reported by whoever cannot delete it.
            let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
            open += names.map { "\(directory)/\($0)" }
        }
    }

    /// The end that the run's last line tells (`run-result` of the log protocol); `nil` when it did not come to that.
    var reportedEnd: RunEnd? {
        guard let file = FileHandle(forReadingAtPath: output) else { return nil }
        // Reading has no error worth more than "no code known"; closing neither.
        defer { try? file.close() }
        guard let end = try? file.seekToEnd(), (try? file.seek(toOffset: end > 65_536 ? end - 65_536 : 0)) != nil,
            let tail = try? file.readToEnd()
        else { return nil }
        for line in tail.split(separator: UInt8(ascii: "\n")).reversed() {
            guard let object = try? JSONValue(parsing: line), object["_log"]?.boolValue == true,
                object["msg"]?.stringValue == "run-result"
            else { continue }
            guard let code = object["exitCode"]?.intValue else { return nil }
            let time = object["ts"]?.doubleValue.map { Date(timeIntervalSince1970: $0 / 1000) }
            return RunEnd(code: code, cause: .exited, time: time)
        }
        return nil
    }

    private func text(_ file: String) -> String? {
        FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) }
    }
}
