extension AgentTemplate {
    /// A beginning for an agent of one's own.
    package static let custom = AgentTemplate(
        id: "custom",
        summary: "An empty agent for instructions of your own",
        credentials: [],
        schedule: nil,
        actions: """
            # {{name}}

            Write here what the agent shall do in one run; the model reads this page at the start of every run.

            - Say what to look for and where, step by step, and when there is nothing to do.
            - Say what must never happen.
            - Name the commands to use. The credentials of `agent-config.toml` are in the environment, its \
            `[params]` in `<agent-config>`.
            - `al-status "<text>"` shows progress, `al-return "<value>"` gives the result, `rlock "<key>"` \
            keeps others from the same work until `runlock "<key>"`.
            """
    )
}
