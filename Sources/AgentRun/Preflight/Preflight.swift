import Domain

/// The steps a run takes before the model is asked anything.
struct Preflight: Sendable {
    let steps: [PreflightStep]
    let context: PreflightContext

    /// Takes the steps in order.
    ///
    /// - Throws: ``RunFailure`` when a required step fails, or `CancellationError`.
    func run() async throws {
        guard !steps.isEmpty else { return }
        let log = context.log
        log.line(.info, "preflight starting", ["stepCount": .int(steps.count)])
        for (index, step) in steps.enumerated() {
            let title = "preflight step [\(index + 1)/\(steps.count)] \(step.provider)"
            do {
                try await take(step)
                log.line(.info, "\(title) done")
            } catch let error as RunFailure {
                try Task.checkCancellation()
                let fields: KeyValuePairs<String, JSONValue?> = ["error": .string(error.text)]
                guard step.isRequired else {
                    log.line(.warn, "\(title) failed (optional, continuing)", fields)
                    continue
                }
                log.line(.error, "\(title) failed (required)", fields)
                throw RunFailure(.preflight, "preflight step \(index + 1) (\(step.provider)) failed: \(error.text)")
            }
        }
        log.line(.info, "preflight complete")
    }

    private func take(_ step: PreflightStep) async throws {
        let providers: [String: any PreflightProvider] = [
            "shell": ShellStep(), "http": HTTPStep(), "git-clone": GitCloneStep(),
        ]
        guard let provider = providers[step.provider] else {
            let known = providers.keys.sorted().joined(separator: ", ")
            throw RunFailure(.preflight, "unknown provider `\(step.provider)`; known are \(known)")
        }
        do {
            try await provider.run(PreflightParams(step: step, context: context), context)
        } catch let error as RunFailure {
            throw error
        } catch {
            try Task.checkCancellation()
            throw RunFailure(.preflight, "\(error)")
        }
    }
}

/// What steps work with.
struct PreflightContext: Sendable {
    var environment: [String: String]
    var directory: String
    var log: RunLog

    /// The path of an output file, relative ones below the working directory.
    func path(_ text: String) -> String { text.hasPrefix("/") ? text : "\(directory)/\(text)" }
}

/// One kind of step.
protocol PreflightProvider: Sendable {
    func run(_ params: PreflightParams, _ context: PreflightContext) async throws
}

/// The parameters of a step: as written for the log, and expanded for use.
struct PreflightParams: Sendable {
    let step: PreflightStep
    let context: PreflightContext

    /// A text as it stands in the file.
    func written(_ key: String) -> String { step.params[key]?.stringValue ?? "" }

    /// A text with its variables replaced; `nil` when absent or empty.
    func text(_ key: String) -> String? {
        guard let written = step.params[key]?.stringValue else { return nil }
        let text = expanded(written)
        return text.isEmpty ? nil : text
    }

    /// A text that must be there.
    func require(_ key: String) throws(RunFailure) -> String {
        guard let text = text(key) else {
            throw RunFailure(.preflight, "\(step.provider): the parameter `\(key)` is missing or empty")
        }
        return text
    }

    func expanded(_ text: String) -> String {
        let (result, missing) = Interpolation.expand(text, context.environment)
        for name in missing {
            context.log.line(.warn, "preflight variable \(name) is not set", ["variable": .string(name)])
        }
        return result
    }
}
