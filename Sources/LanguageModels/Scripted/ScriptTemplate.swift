import Domain
import Foundation

/// `{{name}}` in texts; `{{{{` stands for `{{`.
enum ScriptTemplate {
    private static let facts: Set<String> = ["agent", "trigger", "date", "result"]

    /// What is wrong with a template, if anything.
    static func problem(in text: String, saved: Set<String>) -> String? {
        var problem: String?
        let isClosed = walk(text) { name in
            if !isKnown(name, saved: saved), problem == nil {
                problem =
                    "a known name in {{\(name)}}: agent, trigger, date, result, context.…, params.… or a saved one"
            }
            return ""
        }
        return isClosed == nil ? "}} after {{ (write {{{{ for {{ itself)" : problem
    }

    /// The text with every name replaced.
    static func render(_ text: String, value: (String) -> String) -> String {
        // Templates were checked when the script was read.
        walk(text, value: value) ?? text
    }

    private static func isKnown(_ name: String, saved: Set<String>) -> Bool {
        if facts.contains(name) || saved.contains(name) { return true }
        return ["context.", "params."].contains { name.hasPrefix($0) && name.count > $0.count }
    }

    /// `nil` when a brace is never closed.
    private static func walk(_ text: String, value: (String) -> String) -> String? {
        var result = ""
        var rest = text[...]
        while let open = rest.range(of: "{{") {
            result += rest[..<open.lowerBound]
            rest = rest[open.upperBound...]
            if rest.hasPrefix("{{") {
                result += "{{"
                rest = rest.dropFirst(2)
                continue
            }
            guard let close = rest.range(of: "}}") else { return nil }
            result += value(String(rest[..<close.lowerBound]).withoutOuterSpace)
            rest = rest[close.upperBound...]
        }
        return result + rest
    }
}
