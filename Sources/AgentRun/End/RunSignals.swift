import AgentCommands
import Domain
import FoundationEssentials

/// What the agent said through its signal files.
struct RunSignals: Hashable, Sendable {
    var exitCode: Int32?
    var wantsRerun = false
    var returnValue: String?
    var shutdownReason: String?
    /// Signals that were not understood, for the log.
    var warnings: [String] = []

    /// Nothing was said.
    init() {}

    /// Reads the files.
    init(_ directory: SignalDirectory) {
        wantsRerun = directory.isGiven(.rerun)
        shutdownReason = directory.read(.shutdown).map { Self.trimmed($0) }
        if let data = directory.read(.exit) {
            exitCode = Self.exitCode(data)
            if exitCode == nil {
                warnings.append(
                    "ignored exit signal `\(Self.trimmed(data.prefix(40)))`: not 0-255, or one of the reserved 42 and 124"
                )
            }
        }
        if var data = directory.read(.returnValue) {
            if data.count > SignalDirectory.returnLimit {
                warnings.append("return value of \(data.count) bytes was cut to \(SignalDirectory.returnLimit)")
                data = data.prefix(SignalDirectory.returnLimit)
            }
            returnValue = Self.trimmed(data)
        }
    }

    /// Whether the files ask the run to stop before its next model request.
    static func asksToStop(_ directory: SignalDirectory) -> Bool {
        if directory.isGiven(.shutdown) { return true }
        return directory.read(.exit).flatMap(exitCode) != nil
    }

    private static func exitCode(_ data: Data) -> Int32? {
        guard let code = Int32(trimmed(data)), (0...255).contains(code), code != 42, code != 124 else { return nil }
        return code
    }

    private static func trimmed(_ data: Data) -> String { String(decoding: data, as: UTF8.self).withoutOuterSpace }
}
