extension UserPrompt {
    static var signals: String {
        """
        <skill-signals>
        Commands by which you tell the scheduler how the run is going. Each answers `{"ok":true}` or \
        `{"ok":false,"error":...}`, and several may be combined.
        - `al-status "<text>"`: a short text at each milestone.
        - `al-rerun`: start me again at once when I am done. Only after you did some work and more may remain, never when \
        nothing was found; if in doubt, don't. Honoured for scheduled and manual runs only.
        - `al-return "<value>"` (or the value on standard input): the result for the agent that called you. The last one \
        counts; without a caller it means nothing.
        - `al-exit [code]`: end the run with an error that trying again cannot fix; never for passing trouble. Codes: 10 \
        authentication, 11 permission, 12 rate limit, 13 configuration, 14 a dependency or service is missing, 15 \
        unrecoverable (default), 16 aborted on request.
        </skill-signals>
        """
    }

    static func locks(_ facts: PromptFacts) -> String {
        """
        <skill-lock>
        Several instances of you may run at once and must not work on the same thing. Take a lock before you start on \
        something, hold one lock at a time, and release it before you take another.
        - `rlock "<key>"` (also written `LOCK(key)`): take it.
        - `runlock "<key>"` (also written `UNLOCK(key)`): release it.
        - `rlock-heartbeat "<key>"` (also written `HEARTBEAT(key)`): keep it during long work.
        Keys are free, descriptive text: `github issue owner/repo#n`, `github pr owner/repo#n`, `deploy <service>`; URIs such \
        as `github://owner/repo/issues/n` are fine too.
        Answers: `{"ok":true}`; held by another: `{"ok":false,"holder":...,"heldSince":...}`; you already hold one, or the \
        gateway is unreachable: `{"ok":false,"reason":...}`; heartbeat: `{"ok":true,"expiresAt":...}`.
        Check the exit status. On anything but 0 skip that resource: do not wait, do not try again, do not go ahead.
        A lock expires after \(facts.lockTimeout) seconds without heartbeat and is released by itself when the run ends.
        </skill-lock>
        """
    }

    static func calls(_ facts: PromptFacts) -> String {
        let agents = facts.callable.map { agent in
            "- `\(agent.name)`" + (agent.description.map { ": \($0)" } ?? "")
        }
        return """
            <skill-call>
            You can give work to other agents:
            \(agents.joined(separator: "\n"))
            Commands:
            - `echo "<context>" | al-call <agent>`: starts it and answers `{"ok":true,"callId":...}`.
            - `al-check <callId>`: never waits; answers `{"status":...}` with pending, running, completed or error, and \
            `returnValue` or `errorMessage`.
            - `al-wait <callId>... [--timeout N]`: waits (900 seconds unless told otherwise) and answers an object with an \
            entry per id.
            To hand out several pieces of work start all of them, then wait once. The result is what the called agent passed \
            to `al-return`.
            You cannot call yourself, nobody may call back up the chain, and calls nest at most \(facts.maxCallDepth) deep. A \
            busy agent takes the call when it is free. Exit code 1 means rejected, 5 means that there is no gateway.
            </skill-call>
            """
    }
}
