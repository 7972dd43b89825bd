/// Finds what was probably meant by a word that is not legal.
package enum Suggestion {
    /// Words of other tools and of habit, with what they are called here; the first legal one counts.
    private static let habits: [String: [String]] = [
        "repository": ["repos"], "repo": ["repos"], "event": ["events"], "action": ["actions"], "label": ["labels"],
        "maxCostUsd": ["maxCostPerRun"], "queueKey": ["concurrencyKey"], "branch": ["branches"],
        "organization": ["organizations", "org"], "project": ["projects"], "resource": ["resources"],
        "conclusion": ["conclusions"], "cron": ["schedule"], "credential": ["credentials"],
        "instances": ["scale"], "concurrency": ["scale"], "maxRuntime": ["timeout"],
        "thinking": ["thinkingLevel"], "auth": ["authType"], "webhook": ["webhooks"], "param": ["params"],
    ]

    /// The candidate that is most likely meant: a known habit, the same word in another spelling, or the nearest one.
    package static func nearest(to word: String, among candidates: [String]) -> String? {
        if let habit = habits[word]?.first(where: candidates.contains) { return habit }
        let plain = simplified(word)
        if let spelling = candidates.first(where: { simplified($0) == plain }) { return spelling }
        let limit = word.count <= 4 ? 1 : 2
        var best: (word: String, distance: Int)?
        for candidate in candidates {
            let distance = word.editDistance(to: candidate)
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.word
    }

    private static func simplified(_ word: String) -> String {
        word.lowercased().filter { $0 != "-" && $0 != "_" }
    }
}
