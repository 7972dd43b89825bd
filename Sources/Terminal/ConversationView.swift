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
    package func lines(for entry: JSONValue) -> [String] { Self.lines(for: entry).map { $0.text(style) } }

    /// The same lines, for a screen that cuts or wraps them.
    ///
    /// - Parameters:
    ///   - entry: a line of a log file.
    ///   - showsInstance: whether the name of the run stands before each entry and above the first one.
    /// - Returns: top to bottom.
    package static func lines(for entry: JSONValue, showsInstance: Bool = true) -> [StyledText] {
        guard let message = entry["msg"]?.stringValue, var body = body(of: entry, message: message) else { return [] }
        // Where the run is known its heading says nothing new.
        if !showsInstance, isHeading(message) { body.removeFirst() }
        let time = Date(timeIntervalSince1970: (entry["time"]?.doubleValue ?? 0) / 1000)
        let instance = showsInstance ? entry["instance"]?.stringValue.map { StyledText("[\($0)] ", .dim) } : nil
        guard let first = body.first else { return [] }
        let start = StyledText(LocalTime.clock(time), .dim) + StyledText("  ") + (instance ?? StyledText(""))
        return [start + first] + body.dropFirst().map { StyledText(indent) + $0 }
    }

    private static func body(of entry: JSONValue, message: String) -> [StyledText]? {
        if isHeading(message) { return heading(entry, message) }
        switch message {
        case "event", "tool done", "message", "turn-usage", "token-usage", "run-result", "prompt returned": return nil
        case "assistant": return split(entry["text"], .bold)
        case "bash": return split(.string("$ " + (entry["cmd"]?.stringValue ?? "")))
        case "tool start": return [StyledText("▸ " + (entry["tool"]?.stringValue ?? ""))]
        case "tool error": return toolError(entry)
        case "run completed": return [StyledText("Run completed", .green)]
        case "run completed, rerun requested":
            return [StyledText("Run completed", .green) + StyledText(" ") + StyledText("(rerun requested)", .yellow)]
        case "container launched":
            return [StyledText("container launched " + (entry["container"]?.stringValue ?? ""), .dim)]
        case "container starting":
            let model = entry["modelId"]?.stringValue.map { StyledText("  model=\($0)", .dim) } ?? StyledText("")
            return [StyledText("Container starting: \(entry["agentName"]?.stringValue ?? "")") + model]
        case let finished where finished.hasPrefix("container finished"):
            return [StyledText(finished + (entry["elapsed"]?.stringValue.map { " in \($0)" } ?? ""), .dim)]
        case "network": return network(entry)
        case "output": return split(entry["text"])
        default: return other(entry, message)
        }
    }

    private static func isHeading(_ message: String) -> Bool {
        message.hasPrefix("Starting ") && message.contains(" run")
    }

    private static func heading(_ entry: JSONValue, _ message: String) -> [StyledText] {
        let parts = [entry["name"], entry["instance"]].compactMap { $0?.stringValue }
        let rule = "── " + parts.joined(separator: "  ") + " "
        let line = rule + String(repeating: "─", count: max(3, 60 - displayWidth(of: rule)))
        return [StyledText(line, .cyan), StyledText(message, .bold)]
    }

    private static func toolError(_ entry: JSONValue) -> [StyledText] {
        let command = entry["cmd"]?.stringValue.map { split(.string("$ \($0)")) } ?? []
        let result = String((entry["result"]?.stringValue ?? "").prefix(300))
        let tool = entry["tool"]?.stringValue ?? "tool"
        return [StyledText("✗ \(tool) failed", .red)] + command + split(.string(result))
    }

    /// A connection that a run made or tried to make.
    private static func network(_ entry: JSONValue) -> [StyledText]? {
        let level = entry["level"]?.intValue ?? 30
        guard level >= 30 else { return nil }
        let place = "\(entry["host"]?.stringValue ?? ""):\(entry["port"]?.intValue ?? 0)"
        let text = "network: \(place) \(entry["verdict"]?.stringValue ?? "")"
        guard level >= 40 else { return [StyledText(text, .dim)] }
        return [StyledText("\(text) (\(entry["rule"]?.stringValue ?? ""))", .yellow)]
    }

    private static func other(_ entry: JSONValue, _ message: String) -> [StyledText]? {
        let level = entry["level"]?.intValue ?? 30
        let cause = entry["error"] ?? entry["err"]?["message"] ?? entry["stderr"]
        // Of what went well the reason is machinery.
        let reason = level >= 40 ? entry["reason"] : nil
        let detail = (cause ?? reason)?.stringValue.map { ": " + $0.prefix(300) } ?? ""
        let text = (message + detail).split(separator: "\n").joined(separator: " ")
        switch level {
        case 50...: return [StyledText("ERROR: \(text)", .red)]
        case 40...: return [StyledText("WARN: \(text)", .yellow)]
        case 30...: return [StyledText(text, .dim)]
        default: return nil
        }
    }

    private static func split(_ text: JSONValue?, _ tone: Tone = .plain) -> [StyledText] {
        (text?.stringValue ?? "").split(separator: "\n", omittingEmptySubsequences: false).map {
            StyledText(String($0), tone)
        }
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
    /// A line of the file that is no entry is shown as it is; of both what a terminal would obey is taken out.
    package func line(for entry: JSONValue) -> String {
        if case .string(let text) = entry { return text.printable }
        let time = LocalTime.clock(Date(timeIntervalSince1970: (entry["time"]?.doubleValue ?? 0) / 1000))
        let rest = (entry.objectValue ?? [:]).filter { !Self.hidden.contains($0.key) }
        let instance = entry["instance"]?.stringValue.map { "[\($0.printable)] " } ?? ""
        let fields = rest.isEmpty ? "" : " " + style.dim(JSONValue.object(rest).compactText.printableJSON)
        let message = entry["msg"]?.stringValue?.oneLine.printable ?? ""
        return "\(time) \(level(entry["level"]?.intValue ?? 30)) \(instance)\(message)\(fields)"
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
