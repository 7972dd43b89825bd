extension AgentTemplate {
    /// Files issues for failed builds and new errors.
    static let devops = AgentTemplate(
        id: "devops",
        summary: "Files issues for failed CI runs and new Sentry errors",
        credentials: ["github_token", "git_ssh", "sentry_token"],
        schedule: "*/15 * * * *",
        placeholders: [
            .init(
                name: "repos",
                question: "Repositories to watch (owner/name, commas between)",
                kind: .list,
                example: "acme/shop, acme/api"
            ),
            .init(name: "sentryOrg", question: "Sentry organisation", example: "acme"),
            .init(
                name: "sentryProjects",
                question: "Sentry projects (commas between)",
                kind: .list,
                example: "shop-web, shop-api"
            ),
        ],
        needsGitHubCLI: true,
        actions: """
            # {{name}}

            You watch CI and production and file one good issue for each new problem. You never fix anything: no \
            commits, no restarts, no closed issues. `repos`, `sentryOrg` and `sentryProjects` are in your \
            `<agent-config>`.

            `al-status "looking at CI and Sentry"`.

            ## 1. Failed CI runs of the last day

            For each of `repos`:
            `gh api "repos/<owner/repo>/actions/runs?status=failure&created=%3E%3D$(date -u -d '24 hours ago' \
            +%Y-%m-%dT%H:%M:%SZ)&per_page=50"` gives `workflow_runs` with `id`, `name`, `head_branch`, `head_sha`, `event`, \
            `html_url` and `created_at`.

            - Only runs on the default branch count (`gh repo view <owner/repo> --json defaultBranchRef`), and only \
            where the newest run of the same workflow is failed too: what is green again needs no issue.
            - Runs of one workflow that fail for the same reason are one problem.
            - Find the reason: `gh run view <id> -R <owner/repo> --log-failed | tail -n 200`.

            ## 2. Unresolved Sentry issues of the last day

            For each of `sentryProjects`:
            `curl -fsS -H "Authorization: Bearer $SENTRY_AUTH_TOKEN" \
            "https://sentry.io/api/0/projects/<sentryOrg>/<project>/issues/?query=is:unresolved&statsPeriod=24h"`

            Keep level `error` and `fatal`. For each read the newest event \
            (`https://sentry.io/api/0/issues/<id>/events/latest/`) for its stack trace, release and number of users. \
            Personal data of users (names, addresses, mail, tokens) never goes into an issue.

            File it in the repository whose code is in the stack trace; when you cannot tell, in the first of `repos`.

            ## 3. File what is new

            For each problem, in this order:
            1. `rlock "devops <fingerprint>"`, where the fingerprint is `ci <owner/repo> <workflow> <first error \
            line>` or `sentry <id>`. Fails: somebody else files it; next.
            2. Look for a duplicate among open and recently closed issues: `gh issue list -R <owner/repo> --label \
            agent-filed --state all --search "<words of the error>" --json number,title,body,state`. The line \
            `fingerprint:` in the body decides. Open duplicate: nothing to do. Closed less than a day ago: nothing \
            to do. Closed earlier: file a new one that names it.
            3. `gh label create agent-filed -R <owner/repo> --color d93f0b --force`
            4. `gh issue create -R <owner/repo> --label agent-filed --title "<what is broken, where>" --body …` \
            with: what happens, since when and how often; the error and the lines of the log or stack trace that \
            matter, at most 30; links to the run or the Sentry issue and to the commit; where you think the cause \
            is, marked as a guess; last line `fingerprint: <fingerprint>`.
            5. `runlock "devops <fingerprint>"`

            At most ten issues in a run, fatal ones first. If a request is refused for rights, end with `al-exit \
            11`; for too many requests, stop and leave the rest to the next run.

            ## 4. Report

            `al-return "<n> filed, <m> known"` with the links. Nothing new is a good result; do not call `al-rerun` \
            for it.
            """
    )
}
