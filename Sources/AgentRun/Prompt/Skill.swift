import Foundation
import Yams

/// Instructions for one kind of task, in a directory of their own, that the model reads when it needs them.
struct Skill: Hashable, Sendable {
    private static let longestDescription = 1024
    private static let fileName = "SKILL.md"

    var name: String
    var description: String?
    /// Absolute path of `SKILL.md`.
    var path: String

    /// The skills below `skills/` of an agent's own files, by the names of their directories.
    ///
    /// A directory without `SKILL.md` is none; one whose front matter cannot be read is known by its directory's name.
    static func all(in agentDirectory: String) -> [Skill] {
        let parent = agentDirectory + "/skills"
        // Most agents have none.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        return names.sorted().compactMap { name in
            let path = "\(parent)/\(name)/\(fileName)"
            guard let data = FileManager.default.contents(atPath: path) else { return nil }
            return Skill(parsing: String(decoding: data, as: UTF8.self), directory: name, path: path)
        }
    }

    init(parsing text: String, directory: String, path: String) {
        self.path = path
        let fields = Self.frontMatter(of: text)
        name = fields["name"].flatMap { $0.isEmpty ? nil : $0 } ?? directory
        description = fields["description"].flatMap { text in
            let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            return words.isEmpty ? nil : String(words.prefix(Self.longestDescription))
        }
    }

    /// The texts between the two lines of dashes at the beginning; nothing where that is no YAML.
    private static func frontMatter(of text: String) -> [String: String] {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard lines.first?.trimmed == "---", let end = lines.dropFirst().firstIndex(where: { $0.trimmed == "---" })
        else {
            return [:]
        }
        let yaml = lines[1..<end].joined(separator: "\n")
        // Whoever wrote it is told by `al doctor`; a run goes on with what it has.
        guard let node = try? Yams.compose(yaml: yaml), let mapping = node.mapping else { return [:] }
        return Dictionary(
            mapping.compactMap { key, value in
                guard let key = key.string, let text = value.string else { return nil }
                return (key, text)
            },
            uniquingKeysWith: { first, _ in first }
        )
    }
}

extension Substring {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespaces) }
}
