import Domain

/// Clones a repository.
struct GitCloneStep: PreflightProvider {
    func run(_ params: PreflightParams, _ context: PreflightContext) async throws {
        let arguments = try Self.arguments(params)
        context.log.line(
            .info,
            "preflight git-clone",
            ["repo": .string(params.written("repo")), "dest": .string(params.written("dest"))]
        )
        let child = ChildCommand(
            arguments: arguments,
            directory: context.directory,
            environment: context.environment
        )
        let end = try await child.run { _ in }
        guard end.code == 0 else {
            throw RunFailure(.preflight, "git clone exited with \(end.code): \(end.errorTail)")
        }
        context.log.line(.info, "preflight git-clone done", ["dest": .string(params.written("dest"))])
    }

    /// The command; never a shell string, and no value can become an option.
    static func arguments(_ params: PreflightParams) throws(RunFailure) -> [String] {
        let repo = address(try params.require("repo"))
        let destination = try params.require("dest")
        var arguments = ["git", "clone"]
        if let branch = params.text("branch") { arguments += ["--branch", try plain("branch", branch)] }
        if let depth = params.step.params["depth"] {
            guard let value = depth.intValue, value > 0 else {
                throw RunFailure(.preflight, "git-clone: `depth` must be a whole number above 0")
            }
            arguments += ["--depth", String(value)]
        }
        return arguments + ["--", try plain("repo", repo), try plain("dest", destination)]
    }

    /// The URL of a repository given as `owner/name`; anything that is a URL already stays.
    static func address(_ repo: String) -> String {
        if repo.contains("://") || repo.hasPrefix("git@") || repo.hasPrefix("-") { return repo }
        return "git@github.com:\(repo).git"
    }

    private static func plain(_ key: String, _ value: String) throws(RunFailure) -> String {
        guard !value.hasPrefix("-") else {
            throw RunFailure(.preflight, "git-clone: `\(key)` must not begin with `-`")
        }
        return value
    }
}
