package import Domain
import Foundation

extension DockerRuntime {
    package func buildImages(
        for agents: [AgentConfig],
        project: ProjectDirectory,
        onProgress: @Sendable (AgentName?, String) -> Void
    ) async throws -> [AgentName: ImageResult] {
        // The caller's closure must not outlive the call, so the tasks that build only send lines to it.
        let (lines, sink) = AsyncStream.makeStream(of: Progress.self)
        async let images = buildAll(agents, project: labelled(project), sink: sink)
        for await line in lines { onProgress(line.agent, line.text) }
        return try await images
    }

    private struct Progress: Sendable {
        var agent: AgentName?
        var text: String
    }

    private static var parallelBuilds: Int { max(1, min(4, ProcessInfo.processInfo.activeProcessorCount)) }

    private func buildAll(
        _ agents: [AgentConfig],
        project: ProjectDirectory,
        sink: AsyncStream<Progress>.Continuation
    ) async throws -> [AgentName: ImageResult] {
        defer { sink.finish() }
        let shared: @Sendable (String) -> Void = { sink.yield(Progress(agent: nil, text: $0)) }
        let agentBase = try await builder.baseImage(own: ownImage, onLine: shared)
        let base = try await builder.projectBase(of: project, on: agentBase, onLine: shared)
        return try await withThrowingTaskGroup(of: (AgentName, ImageResult).self) { group in
            var waiting = agents[...]
            var results: [AgentName: ImageResult] = [:]
            func startNext() {
                guard let agent = waiting.popFirst() else { return }
                group.addTask { (agent.name, try await result(of: agent, project: project, base: base, sink: sink)) }
            }
            for _ in 0..<Self.parallelBuilds { startNext() }
            while let (name, result) = try await group.next() {
                results[name] = result
                startNext()
            }
            return results
        }
    }

    /// One agent's failure is its own; only cancellation ends all.
    private func result(
        of agent: AgentConfig,
        project: ProjectDirectory,
        base: ImageBuilder.Base,
        sink: AsyncStream<Progress>.Continuation
    ) async throws -> ImageResult {
        do {
            let id = try await builder.agentImage(agent, project: project, base: base) { line in
                sink.yield(Progress(agent: agent.name, text: line))
            }
            return .built(id)
        } catch let error as CancellationError {
            throw error
        } catch {
            try Task.checkCancellation()
            return .failed("\(error)")
        }
    }
}
