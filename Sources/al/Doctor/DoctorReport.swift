import Domain
import Foundation
import OrderedCollections
import Terminal

/// What `al doctor` found.
struct DoctorReport: Sendable {
    private(set) var findings: [Finding] = []

    /// Adds findings, in the order in which they are shown within their area.
    mutating func add(_ more: [Finding]) { findings += more }

    /// Findings that stop a start.
    var failures: Int { count(.fail) }

    /// What can be mended right away; each once, whatever is mended by it.
    var repairs: [Finding.Repair] {
        var seen: Set<String> = []
        return findings.compactMap(\.repair).filter { seen.insert($0.question).inserted }
    }

    /// The findings as a document.
    var json: JSONValue {
        .object([
            "ok": .bool(failures == 0),
            "failures": .int(failures),
            "warnings": .int(count(.warn)),
            "findings": .array(findings.map(\.json)),
        ])
    }

    /// The lines for people, by area.
    func lines(_ style: Style) -> [String] {
        var lines: [String] = []
        for area in Finding.Area.allCases {
            let group = findings.filter { $0.area == area }
            guard !group.isEmpty else { continue }
            lines.append(style.bold(area.title))
            lines += group.map { "  \(Self.mark($0.mark, style)) \($0.text.printableLines)" } + [""]
        }
        return lines + [summary]
    }

    private var summary: String {
        let warnings = count(.warn)
        let noted = warnings == 0 ? "" : warnings == 1 ? " 1 warning." : " \(warnings) warnings."
        switch failures {
        case 0: return "Everything a run needs is there." + noted
        case 1: return "1 problem to mend." + noted
        default: return "\(failures) problems to mend." + noted
        }
    }

    private func count(_ mark: Finding.Mark) -> Int { findings.count { $0.mark == mark } }

    private static func mark(_ mark: Finding.Mark, _ style: Style) -> String {
        switch mark {
        case .ok: style.green("[ok]")
        case .warn: style.yellow("[warn]")
        case .fail: style.red("[fail]")
        }
    }
}
