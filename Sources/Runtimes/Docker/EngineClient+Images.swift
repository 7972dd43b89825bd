import AsyncHTTPClient
import Domain
import NIOCore
import NIOHTTP1
import OrderedCollections
import Synchronization

/// An image the engine has.
struct ImageFacts: Hashable, Sendable {
    /// `sha256:…`.
    var id: String
    var labels: [String: String]
}

/// What the engine is asked to build.
struct ImageBuild: Sendable {
    /// For messages: `al-dev from /p/agents/dev/Dockerfile`.
    var name: String
    /// `name:tag`, the first is the one used.
    var tags: [String]
    var labels: [String: String]
    var arguments: [String: String]
    /// Tar archive with `Dockerfile` in it.
    var context: ArchiveContent
}

extension EngineClient {
    /// Longest silence of a build.
    static let buildSilence = Duration.seconds(300)

    /// An image; `nil` when the engine has none of this name.
    func image(_ reference: String) async throws -> ImageFacts? {
        let answer = try await send(.GET, "/images/\(reference)/json")
        if answer.status == 404 { return nil }
        try answer.require(200, to: "inspect the image \(reference)")
        guard let id = answer.json?["Id"]?.stringValue else {
            throw answer.failure(to: "name the id of the image \(reference)")
        }
        let labels = answer.json?["Config"]?["Labels"]?.objectValue ?? [:]
        return ImageFacts(
            id: Self.whole(id),
            labels: Dictionary(uniqueKeysWithValues: labels.map { ($0.key, $0.value.stringValue ?? "") })
        )
    }

    /// An image's id as Docker writes it; Podman leaves out what kind of digest it is.
    static func whole(_ id: String) -> String { id.hasPrefix("sha256:") ? id : "sha256:" + id }

    /// Deletes all but the three newest images with these labels and one that is wanted, which its engine may have had for long;
    /// those in use stay, and those with a name that is not `name`.
    func deleteOldImages(of name: String, labels: [String: String], except wantedID: String) async throws {
        let wanted = labels.map { "\($0.key)=\($0.value)" }.sorted()
        let filters: JSONValue = ["label": .array(wanted.map { .string($0) })]
        let answer = try await send(.GET, "/images/json", query: [("filters", filters.compactText)])
        let images = (answer.json?.arrayValue ?? []).sorted {
            ($0["Created"]?.intValue ?? 0) > ($1["Created"]?.intValue ?? 0)
        }
        for image in images.dropFirst(3) {
            guard let id = image["Id"]?.stringValue, Self.whole(id) != wantedID else { continue }
            // By its id an engine deletes no image of several tags, as they had in earlier versions. One in use keeps the last.
            let tags = (image["RepoTags"]?.arrayValue ?? []).compactMap(\.stringValue).filter { $0 != "<none>:<none>" }
            guard tags.allSatisfy({ $0.hasPrefix("\(name):") || $0.hasPrefix("localhost/\(name):") }) else { continue }
            for reference in tags.isEmpty ? [id] : tags { _ = try await send(.DELETE, "/images/\(reference)") }
        }
    }

    /// Builds an image and returns its id; the engine answers 200 even when the build fails, what counts stands in the body.
    ///
    /// A failure is a ``RuntimeError`` (`buildFailed`) with the last 40 lines; `onLine` gets lines of progress.
    func build(
        _ build: ImageBuild,
        clock: any Clock<Duration>,
        onLine: @escaping @Sendable (String) -> Void
    ) async throws -> String {
        let pulse = BuildPulse()
        return try await withThrowingTaskGroup(of: String.self) { group in
            group.addTask { try await run(build, pulse: pulse, onLine: onLine) }
            group.addTask {
                var seen = -1
                while true {
                    let now = pulse.count
                    guard now != seen else {
                        throw RuntimeError(
                            code: .buildFailed,
                            message: "The build of \(build.name) was given up: the engine said nothing for 300 s.",
                            isTransient: true
                        )
                    }
                    seen = now
                    try await clock.sleep(for: Self.buildSilence)
                }
            }
            defer { group.cancelAll() }
            guard let id = try await group.next() else { throw CancellationError() }
            return id
        }
    }

    private func run(
        _ build: ImageBuild,
        pulse: BuildPulse,
        onLine: @Sendable (String) -> Void
    ) async throws -> String {
        let json = { (values: [String: String]) in
            JSONValue.object(
                .init(uniqueKeysWithValues: values.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
            )
            .compactText
        }
        let query =
            build.tags.map { ("t", $0) } + [
                ("dockerfile", "Dockerfile"), ("rm", "1"), ("forcerm", "1"), ("version", "1"),
                ("buildargs", json(build.arguments)), ("labels", json(build.labels)),
            ]
        // Over a slow line the context alone may take longer than the longest silence.
        var context = build.context
        context.onPiece = { pulse.beat() }
        let response = try await open(
            .POST,
            "/build",
            query: query,
            body: .stream(context, length: .known(Int64(context.length))),
            contentType: "application/x-tar",
            timeout: .hours(2)
        )
        guard response.status.code == 200 else {
            let body = try await response.body.collect(upTo: 1 << 20)
            throw EngineAnswer(status: Int(response.status.code), body: Array(body.readableBytesView))
                .failure(to: "build \(build.name)", code: .buildFailed)
        }
        var progress = BuildProgress(name: build.name)
        var lines = LineBuffer()
        do {
            for try await piece in response.body {
                pulse.beat()
                try lines.append(Array(piece.readableBytesView)) { line, _ in
                    for text in try progress.take(line) { onLine(text) }
                }
            }
        } catch let error as RuntimeError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw RuntimeError(
                code: .buildFailed,
                message: "The engine's report of the build of \(build.name) broke off: \(error).",
                isTransient: true
            )
        }
        if let line = lines.finish() { for text in try progress.take(line) { onLine(text) } }
        return try progress.finish()
    }
}

/// Counts the pieces of a build's context and report, so that silence can be noticed.
private final class BuildPulse: Sendable {
    private let beats = Mutex(0)

    var count: Int { beats.withLock { $0 } }

    func beat() { beats.withLock { $0 += 1 } }
}
