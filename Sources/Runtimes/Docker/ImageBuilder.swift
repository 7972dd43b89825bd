import Domain
import Foundation

/// Decides which images agents need and has the engine build what is missing.
struct ImageBuilder: Sendable {
    /// What stands in every image.
    struct Product: Sendable {
        /// Tag of images of this build of al.
        var buildID: String
        var version: String
        /// The executable that is put into the base image.
        var executablePath: String
    }

    /// A base that agents' images can start from, by its id: a name may lead to another image at any time.
    struct Base: Hashable, Sendable {
        var id: String
    }

    let engine: EngineClient
    let product: Product
    let staticFiles: @Sendable (AgentConfig) throws -> [String: [UInt8]]
    let clock: any Clock<Duration>

    private static let inputsLabel = "action-llama.inputs"
    static let baseName = "al-agent"
    static let projectBaseName = "al-project-base"

    /// The base image: the operator's own (`[local].image`), or ours, built if its tag is absent.
    func baseImage(own: String?, onLine: @escaping @Sendable (String) -> Void) async throws -> Base {
        if let own {
            if let image = try await engine.image(own) { return Base(id: image.id) }
            throw RuntimeError(
                code: .imageMissing,
                message: "[local].image names \(own), which the engine does not have; al does not build that image. "
                    + "Pull or build it, or remove the key."
            )
        }
        let reference = "\(Self.baseName):\(product.buildID)"
        if let image = try await engine.image(reference) { return Base(id: image.id) }
        var context = BuildContext()
        context.add("Dockerfile", Array(Dockerfile.agentBase.text.utf8))
        try context.add("root/app/bin/al", from: product.executablePath, mode: 0o755)
        for name in RunEnvironment.commandNames { context.addLink("root/app/bin/\(name)", to: "al") }
        context.add("root/usr/local/bin/apk", Array(PackageStandIn.script.utf8), mode: 0o755)
        let tags = [reference, "\(Self.baseName):\(product.version)", "\(Self.baseName):latest"]
        return Base(id: try await build(name: Self.baseName, tags, context: context, labels: [:], onLine: onLine))
    }

    /// The project's own base if its Dockerfile does more than name one.
    func projectBase(of project: ProjectDirectory, on base: Base, onLine: @escaping @Sendable (String) -> Void)
        async throws -> Base
    {
        guard let dockerfile = try dockerfile(in: project.path), dockerfile.isCustomised else { return base }
        var context = BuildContext()
        try context.addDirectory(project.path)
        context.add("Dockerfile", Array(dockerfile.replacingBase(with: base.id).text.utf8))
        let labels = ["action-llama.project": project.id.rawValue]
        let id = try await ensure(
            name: Self.projectBaseName,
            of: project,
            from: "\(project.path)/Dockerfile",
            context: context,
            base: base,
            labels: labels,
            onLine: onLine
        )
        return Base(id: id)
    }

    /// The id of one agent's image, built if its inputs changed.
    func agentImage(
        _ agent: AgentConfig,
        project: ProjectDirectory,
        base: Base,
        onLine: @escaping @Sendable (String) -> Void
    ) async throws -> String {
        var context = BuildContext()
        var dockerfile = Dockerfile(text: "FROM \(base.id)\n")
        var source: String?
        if !agent.directory.isEmpty, let own = try self.dockerfile(in: agent.directory) {
            try context.addDirectory(agent.directory)
            source = "\(agent.directory)/Dockerfile"
            dockerfile = own.replacingBase(with: base.id)
        }
        context.add("Dockerfile", Array(dockerfile.addingStaticFiles().text.utf8))
        for (name, content) in try staticFiles(agent) {
            // Scripts of skills are run by the model.
            context.add("static/\(name)", content, mode: content.starts(with: Array("#!".utf8)) ? 0o755 : 0o644)
        }
        let labels = ["action-llama.project": project.id.rawValue, "action-llama.agent": agent.name.rawValue]
        return try await ensure(
            name: "al-\(agent.name)",
            of: project,
            from: source,
            context: context,
            base: base,
            labels: labels,
            onLine: onLine
        )
    }

    /// Reads a directory's Dockerfile and refuses what cannot work.
    private func dockerfile(in directory: String) throws -> Dockerfile? {
        let path = "\(directory)/Dockerfile"
        guard let content = FileManager.default.contents(atPath: path) else { return nil }
        let dockerfile = Dockerfile(text: String(decoding: content, as: UTF8.self))
        if dockerfile.needsBuildKit, !engine.dialect.isPodman {
            throw RuntimeError(
                code: .buildFailed,
                message: "\(path) uses RUN --mount, which only BuildKit knows; al builds without it. Remove the option."
            )
        }
        if dockerfile.hasForeignEntrypoint {
            throw RuntimeError(
                code: .buildFailed,
                message: """
                    \(path) starts container-entry.js with node; al has its own entry. Use these two lines instead (the image \
                    needs glibc):
                    COPY --from=al-agent /app/bin /app/bin
                    ENTRYPOINT ["/app/bin/al", "_run-agent"]
                    """
            )
        }
        return dockerfile
    }

    /// Uses an image with the same inputs if there is one, else builds it; a failure names the file it is made from.
    private func ensure(
        name: String,
        of project: ProjectDirectory,
        from source: String?,
        context: BuildContext,
        base: Base,
        labels: [String: String],
        onLine: @escaping @Sendable (String) -> Void
    ) async throws -> String {
        let labels = labels.merging(["action-llama.image": name]) { own, _ in own }
        let hash = try context.inputsHash(baseID: base.id, arguments: arguments)
        // Other projects on the engine have agents of the same names, and an agent may be called like a base.
        let tag = "\(name):\(product.buildID)-\(project.id)"
        if let found = try await engine.image(tag), found.labels[Self.inputsLabel] == hash,
            labels.allSatisfy({ found.labels[$0.key] == $0.value })
        {
            return found.id
        }
        let id = try await build(
            name: source.map { "\(name) from \($0)" } ?? name,
            [tag],
            context: context,
            labels: labels.merging([Self.inputsLabel: hash]) { own, _ in own },
            onLine: onLine
        )
        // Old images only cost space; that they stay is no reason to fail a build that worked.
        try? await engine.deleteOldImages(of: name, labels: labels, except: id)
        return id
    }

    private func build(
        name: String,
        _ tags: [String],
        context: BuildContext,
        labels: [String: String],
        onLine: @escaping @Sendable (String) -> Void
    ) async throws -> String {
        let build = ImageBuild(
            name: name,
            tags: tags,
            labels: labels.merging(["org.opencontainers.image.version": product.version]) { own, _ in own },
            arguments: arguments,
            context: context.archive()
        )
        return try await engine.build(build, clock: clock, onLine: onLine)
    }

    private var arguments: [String: String] { ["GIT_SHA": product.buildID, "VERSION": product.version] }
}
