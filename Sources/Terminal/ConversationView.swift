package import Domain
import FoundationEssentials
import OrderedCollections

/// Turns log entries into the lines that `al logs` and the demo show: the conversation, not the machinery.
package struct ConversationView: Sendable {
    private let style: Style
    private static let indent = String(repeating: " ", count: 10)

    /// Renders with these colours.
    package init(style: Style) { self.style = style }

    /// The lines of one entry; none when the entry is not for people.
    ///
    /// - Parameter entry: a line of a log file (`level`, `time` in ms, `msg`, `instance`, …).
    /// - Returns: what to print, top to bottom.
    package func lines(for entry: JSONValue) -> [String] {
        guard let message = entry["msg"]?.stringValue, let body = body(of: entry, message: message) else { return [] }
        let time = Date(timeIntervalSince1970: (entry["time"]?.doubleValue ?? 0) / 1000)
        let instance = entry["instance"]?.stringValue.map { style.dim("[\($0)] ") } ?? ""
        guard let first = body.first else { return [] }
        return ["\(style.dim(LocalTime.clock(time)))  \(instance)\(first)"] + body.dropFirst().map { Self.indent + $0 }
    }

    private func body(of entry: JSONValue, message: String) -> [String]? {
        if message.hasPrefix("Starting "), message.contains(" run") { return heading(entry, message) }
        switch message {
        case "event", "tool done", "message", "turn-usage", "token-usage", "run-result", "prompt returned": return nil
        case "assistant": return split(entry["text"]).map(style.bold)
        case "bash": return ["$ " + (entry["cmd"]?.stringValue ?? "")]
        case "tool start": return ["▸ " + (entry["tool"]?.stringValue ?? "")]
        case "tool error": return toolError(entry)
        case "run completed": return [style.green("Run completed")]
        case "run completed, rerun requested":
            return [style.green("Run completed") + " " + style.yellow("(rerun requested)")]
        case "container launched": return [style.dim("container launched " + (entry["container"]?.stringValue ?? ""))]
        case "container starting":
            let model = entry["modelId"]?.stringValue.map { style.dim("  model=\($0)") } ?? ""
            return ["Container starting: \(entry["agentName"]?.stringValue ?? "")\(model)"]
        case let finished where finished.hasPrefix("container finished"):
            return [style.dim(finished + (entry["elapsed"]?.stringValue.map { " in \($0)" } ?? ""))]
        case "output": return split(entry["text"])
        default: return other(entry, message)
        }
    }

    private func heading(_ entry: JSONValue, _ message: String) -> [String] {
        let parts = [entry["name"], entry["instance"]].compactMap { $0?.stringValue }
        let rule = "── " + parts.joined(separator: "  ") + " "
        return [style.cyan(rule + String(repeating: "─", count: max(3, 60 - rule.count))), style.bold(message)]
    }

    private func toolError(_ entry: JSONValue) -> [String] {
        let command = entry["cmd"]?.stringValue.map { ["$ \($0)"] } ?? []
        let result = String((entry["result"]?.stringValue ?? "").prefix(300))
        return [style.red("✗ \(entry["tool"]?.stringValue ?? "tool") failed")] + command + split(.string(result))
    }

    private func other(_ entry: JSONValue, _ message: String) -> [String]? {
        let level = entry["level"]?.intValue ?? 30
        let detail =
            (entry["error"] ?? entry["err"]?["message"] ?? entry["stderr"])?.stringValue
            .map { ": " + $0.prefix(300) } ?? ""
        switch level {
        case 50...: return [style.red("ERROR: \(message)\(detail)")]
        case 40...: return [style.yellow("WARN: \(message)\(detail)")]
        case 30...: return [style.dim(message + detail)]
        default: return nil
        }
    }

    private func split(_ text: JSONValue?) -> [String] {
        (text?.stringValue ?? "").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}

/// Turns log entries into one line each, with all their fields (`al logs --raw`).
package struct RawLogView: Sendable {
    private static let hidden: Set<String> = ["level", "time", "msg", "name", "instance", "pid", "hostname"]
    private let style: Style

    /// Renders with these colours.
    package init(style: Style) { self.style = style }

    /// `HH:MM:SS LEVEL [instance] message {other fields}`.
    ///
    /// A line of the file that is no entry is shown as it is.
    package func line(for entry: JSONValue) -> String {
        if case .string(let text) = entry { return text }
        let time = LocalTime.clock(Date(timeIntervalSince1970: (entry["time"]?.doubleValue ?? 0) / 1000))
        let rest = (entry.objectValue ?? [:]).filter { !Self.hidden.contains($0.key) }
        let instance = entry["instance"]?.stringValue.map { "[\($0)] " } ?? ""
        let fields = rest.isEmpty ? "" : " " + style.dim(JSONValue.object(rest).compactText)
        return "\(time) \(level(entry["level"]?.intValue ?? 30)) \(instance)\(entry["msg"]?.stringValue ?? "")\(fields)"
    }

    private func level(_ level: Int) -> String {
        switch level {
        case ..<20: style.dim("TRACE")
        case ..<30: style.cyan("DEBUG")
        case ..<40: style.green("INFO ")
        case ..<50: style.yellow("WARN ")
        case ..<60: style.red("ERROR")
        default: style.red("FATAL")
        }
    }
}
