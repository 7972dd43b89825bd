import Domain
import Foundation
import Project
import Testing

/// Projects under `Fixtures/Broken`, each with what is said about it.
///
/// A directory holds `project/`, for some also the user's directory `home/`, and `expected.txt`: one line for each problem,
/// `error` or `warning`, its id, and its text, then the hints. With `AL_UPDATE_FIXTURES=1` the expectations are written anew;
/// the change is then reviewed like any other.
@Suite("Broken projects")
struct BrokenProjectTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/Broken")

    static let names: [String] = {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (names ?? []).sorted()
    }()

    /// What the projects are checked against; two of a type each, so that every verdict occurs.
    private static let facts = OutsideFacts(
        credentialTypes: ["github_token", "sentry_token", "aws", "gateway_api_key"],
        hostOnlyTypes: ["gateway_api_key"],
        isPriced: { $0.price != nil || $0.provider != .custom }
    )

    @Test("A broken project is told everything that is wrong with it", arguments: names)
    func problems(name: String) throws {
        let folder = Self.folder.appending(path: name)
        let expectation = folder.appending(path: "expected.txt")
        let said = Self.report(of: folder)
        if ProcessInfo.processInfo.environment["AL_UPDATE_FIXTURES"] == "1" {
            try Data(said.utf8).write(to: expectation)
        }
        #expect(try said == String(contentsOf: expectation, encoding: .utf8))
    }

    @Test("There are broken projects for every problem that files can have")
    func complete() {
        #expect(Self.names.count >= 20)
        // Scripts are read by others.
        var codes = Set(ProblemCode.allCases).subtracting([.scriptInvalid])
        for name in Self.names {
            let loaded = Self.load(Self.folder.appending(path: name))
            codes.subtract(loaded.problems.map(\.code) + [loaded.missingAgents?.code].compactMap { $0 })
        }
        #expect(codes == [])
    }

    private static func load(_ folder: URL) -> LoadedProject {
        ProjectLoader(home: folder.appending(path: "home").path, facts: facts)
            .load(folder.appending(path: "project").path)
    }

    private static func report(of folder: URL) -> String {
        let loaded = load(folder)
        let lines =
            (loaded.problems + [loaded.missingAgents].compactMap { $0 }).map { problem in
                "\(problem.isError ? "error" : "warning") \(problem.code.id) \(problem)\n"
            } + loaded.hints.map { "hint \($0)\n" }
        return lines.joined().replacing(folder.path, with: "<folder>")
    }
}
