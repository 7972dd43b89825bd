extension DemoProject {
    /// Path in the project → content.
    static let files: [String: String] = [
        "config.toml": """
        # The project of `al demo`. No account is needed: its agents talk to a scripted model.
        initialRun = false

        [webhooks.demo-github]
        type = "github"
        credential = "demo"

        [local]
        memory = "512m"
        workspaceSize = "128m"
        tmpSize = "128m"

        """,
        ".env.toml": "projectName = \"al-demo\"\n",
        ".gitignore": ".al/\n.action-llama/\n.env.toml\n*.log\n",
        "agents/housekeeper/agent-config.toml": """
        description = "Looks after the machine it runs on, on a schedule"
        credentials = []
        schedule = "*/20 * * * * *"   # every twenty seconds, so that the demo is short
        timeout = 120

        [model]
        provider = "scripted"
        model = "script.yaml"

        [params]
        warnAbovePercent = 90

        """,
        "agents/housekeeper/ACTIONS.md": """
        # Housekeeper

        Measure how full the disks are and write `report.md`: one line per file system, and a last line that says
        whether anything is above `warnAbovePercent`. Set the status while you work.

        """,
        "agents/housekeeper/script.yaml": """
        turns:
          - text: I will measure the disks before I write anything.
            calls:
              - bash: al-status "measuring disks"
              - bash: df -hP . /tmp | awk '{print $6, $5}'
          - expect: [ { contains: '"ok":true' }, { contains: '%' } ]
            save: { usage: '([0-9]+)%' }
            text: The fullest line I care about says {{usage}} %. Writing the report.
            calls:
              - write:
                  path: report.md
                  content: |
                    # Disks, {{date}}

                    - used: {{usage}} %
                    - limit: {{params.warnAbovePercent}} %

          - calls:
              - bash: test {{usage}} -lt {{params.warnAbovePercent}} && echo "verdict - fine" >> report.md || echo "verdict - too full" >> report.md
              - read: { path: report.md }
          - text: The report is written; the disks are at {{usage}} %, the limit is {{params.warnAbovePercent}} %.

        """,
        "agents/triager/agent-config.toml": """
        description = "Labels new issues of the repository"
        credentials = []
        timeout = 120

        [[webhooks]]
        source = "demo-github"
        events = ["issues"]
        actions = ["opened"]
        repos = ["acme/app"]

        [model]
        provider = "scripted"
        model = "script.yaml"

        """,
        "agents/triager/ACTIONS.md": """
        # Triager

        A new issue arrived. Lock it, so that no second instance works on it, decide which label fits, write your
        decision to `triage.json`, and release the lock.

        """,
        "agents/triager/script.yaml": """
        turns:
          - text: "Issue #{{context.number}} in {{context.repo}}: “{{context.title}}” by {{context.author}}. I take the lock first."
            calls:
              - bash: 'rlock "github issue {{context.repo}}#{{context.number}}"'
          - expect: { contains: '"ok":true' }
            text: The lock is mine. The words “crash” and “start” point to a bug.
            calls:
              - write:
                  path: triage.json
                  content: |
                    {"issue": {{context.number}}, "label": "question", "asked-by": "{{context.sender}}"}
          - text: That label is wrong, a crash is a bug. I correct it.
            calls:
              - edit: { path: triage.json, oldText: '"question"', newText: '"bug"' }
              - bash: jq -c . triage.json 2>/dev/null || cat triage.json
              - bash: 'runlock "github issue {{context.repo}}#{{context.number}}"'
          - expect: [ ~, { contains: bug }, { contains: '"ok":true' } ]
            text: "Issue #{{context.number}} is labelled “bug” and free again."

        """,
        "agents/reporter/agent-config.toml": """
        description = "Writes the weekly report; asks the statistician for the numbers"
        credentials = []
        manual = true
        timeout = 120

        [model]
        provider = "scripted"
        model = "script.yaml"

        """,
        "agents/reporter/ACTIONS.md": """
        # Reporter

        Ask the agent `statistician` for the numbers of the week, wait for its answer, and write `weekly.md` with it.

        """,
        "agents/reporter/script.yaml": """
        turns:
          - text: I need numbers that I do not have. The statistician has them.
            calls:
              - bash: echo "3 5 8 13 21" | al-call statistician
          - expect: { contains: '"ok":true' }
            save: { call: '"callId":"([^"]+)"' }
            text: The call is on its way; I wait for the answer.
            calls:
              - bash: al-wait {{call}} --timeout 90
          - expect: { contains: '"completed"' }
            save: { answer: '"returnValue":"([^"]+)"' }
            text: "The statistician says: {{answer}}"
            calls:
              - write: { path: weekly.md, content: "# The week\\n\\n{{answer}}\\n" }
              - bash: cat weekly.md
          - text: The weekly report is written, with the numbers of the statistician.

        """,
        "agents/statistician/agent-config.toml": """
        description = "Adds and averages the numbers it is given"
        credentials = []
        manual = true
        timeout = 120

        [model]
        provider = "scripted"
        model = "script.yaml"

        """,
        "agents/statistician/ACTIONS.md": """
        # Statistician

        Another agent sends numbers. Return their sum and mean with `al-return`.

        """,
        "agents/statistician/script.yaml": """
        turns:
          - save: { numbers: '"context":"([0-9 ]+)' }
            text: "I was given: {{numbers}}"
            calls:
              - bash: echo "{{numbers}}" | awk '{ for (i = 1; i <= NF; i++) s += $i; printf "sum %d, mean %.1f\\n", s, s / NF }'
          - save: { result: 'sum .*' }
            calls:
              - bash: al-return "{{result}}"
          - text: Returned “{{result}}”.

        """,
    ]
}
