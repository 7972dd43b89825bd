package import Domain
import Foundation
package import LanguageModels

/// Searches files for lines.
package struct GrepTool: Tool {
    private static let defaultLimit = 100

    package let definition = ToolDefinition(
        name: "grep",
        description: """
            Search files for a regular expression (no look-around, no back-references) and show matching lines with path \
            and number. Files that git ignores and binary files are left out.
            """,
        schema: ToolSchema.object(
            [
                "pattern": ToolSchema.string("Expression, or plain text with literal"),
                "path": ToolSchema.string("File or directory; the working directory by default"),
                "glob": ToolSchema.string("Search only in files like this, such as *.swift or src/**/*.ts"),
                "ignoreCase": ToolSchema.boolean("Take upper and lower case for the same"),
                "literal": ToolSchema.boolean("The pattern is plain text"),
                "context": ToolSchema.number("Lines to show around each match"),
                "limit": ToolSchema.number("Most matches, 100 by default"),
            ],
            required: ["pattern"]
        )
    )
    private let time: SearchTime

    /// Sets the patience.
    ///
    /// - Parameter seconds: how long a search may take.
    package init(seconds: Double = 20) { time = SearchTime(seconds: seconds) }

    package func access(_ arguments: JSONValue, in context: ToolContext) -> ToolAccess {
        .reads(ToolPath(arguments["path"]?.stringValue ?? ".", in: context).resolved)
    }

    @concurrent
    package func run(_ arguments: JSONValue, in context: ToolContext) async throws -> ToolOutput {
        let root = ToolPath(arguments["path"]?.stringValue ?? ".", in: context).absolute
        let pattern = try LinePattern(
            arguments["pattern"]?.stringValue ?? "",
            isLiteral: arguments["literal"]?.boolValue ?? false,
            ignoresCase: arguments["ignoreCase"]?.boolValue ?? false
        )
        let limit = arguments["limit"]?.count(atLeast: 1) ?? Self.defaultLimit
        let found = Found(limit: limit)
        let around = min(arguments["context"]?.count(atLeast: 0) ?? 0, 100)
        let isOver = time.start()
        var isComplete = true
        switch FileAccess.kind(of: root) {
        case .missing: throw FileAccess.missing(root)
        case .directory:
            let filter = arguments["glob"]?.stringValue.flatMap { $0.isEmpty ? nil : NameFilter($0) }
            isComplete = FileWalk(root, isOver: isOver).each { entry in
                guard !entry.isDirectory, filter?.accepts(entry.relative) ?? true else { return .goOn }
                return found.search(entry.absolute, as: entry.relative, for: pattern, context: around, isOver: isOver)
            }
        case .file, .special:
            // Asked for by name: that it cannot be searched must not look like "nothing there".
            try FileAccess.eachPiece(of: root) { piece in
                if piece.prefix(8192).contains(0) { throw FileAccess.binary(root, Array(piece)) }
                return false
            }
            let name = (root as NSString).lastPathComponent
            _ = found.search(root, as: name, for: pattern, context: around, isOver: isOver)
        }
        var notes = found.hasMore || (isComplete && !isOver()) ? [] : [time.note]
        if found.hasMore {
            notes.insert("[\(limit) matches shown, there are more. Raise limit or narrow the pattern down.]", at: 0)
        }
        return ToolOutput(found.lines.text(notes: notes, otherwise: "No matches found"))
    }

    /// What a search has gathered.
    private final class Found {
        private let limit: Int
        private var matches = 0
        private(set) var lines = ResultLines()
        private(set) var hasMore = false

        init(limit: Int) { self.limit = limit }

        func search(
            _ path: String,
            as name: String,
            for pattern: LinePattern,
            context: Int,
            isOver: @escaping () -> Bool
        ) -> FileWalk.Step {
            var search = FileSearch(
                pattern,
                context: context,
                name: name,
                followsOthers: !lines.lines.isEmpty,
                isOver: isOver
            ) { text, isMatch in
                guard isMatch else { return self.lines.add(text) }
                self.matches += 1
                self.hasMore = self.matches > self.limit
                return !self.hasMore && self.lines.add(text)
            }
            search.run(path: path)
            return search.isStopped ? .stop : .goOn
        }
    }
}

/// A glob as tools take it: without a slash it is about names at any depth.
struct NameFilter {
    private let glob: Glob
    private let isAboutNames: Bool

    init(_ pattern: String) {
        isAboutNames = !pattern.contains("/")
        glob = Glob(pattern.hasPrefix("./") ? String(pattern.dropFirst(2)) : pattern)
    }

    /// Whether a path relative to the directory searched fits.
    func accepts(_ path: String) -> Bool {
        guard isAboutNames else { return glob.matches(path) }
        return glob.matches(path.split(separator: "/").last.map(String.init) ?? path)
    }
}

extension JSONValue {
    /// A number as a count, within what any machine can hold; `nil` when this is no number.
    func count(atLeast least: Int) -> Int? {
        doubleValue.map { Int(Swift.min(Swift.max($0, Double(least)), 1e9)) }
    }
}
