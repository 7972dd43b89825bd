/// The sources of the pages.
enum DashboardTemplates {
    static let head = """
        <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <link rel="icon" href="data:,"><link rel="stylesheet" href="/dashboard/assets/app.css">
        <title>{{title}}</title>
        """

    static let login = """
        <!doctype html><html lang="en"><head>{{> head}}</head><body class="narrow"><main class="card">
        <h1>{{title}}</h1>
        {{#problem}}<p class="problem" role="alert">{{problem}}</p>{{/problem}}
        <form method="post" action="/login">
        <label for="key">API key</label>
        <input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
        <button type="submit">Log in</button></form>
        <p class="hint">The key is stored in <code>{{keyHint}}</code></p></main></body></html>
        """

    static let overview = """
        <!doctype html><html lang="en"><head>{{> head}}
        <script type="module" src="/dashboard/assets/dashboard.js"></script></head><body>
        <header><h1>{{title}}</h1><span id="connection" class="hint" role="status"></span><span class="spacer"></span>
        {{^isPaused}}<button id="pause" data-order="/control/pause">Pause</button>{{/isPaused}}
        {{#isPaused}}<button id="pause" data-order="/control/resume">Resume</button>{{/isPaused}}
        <form method="post" action="/logout"><button class="quiet">Logout</button></form></header>
        <main><dl class="facts"><div><dt>Mode</dt><dd>{{mode}}</dd></div><div><dt>Cron jobs</dt><dd>{{cronJobs}}</dd></div>
        <div><dt>Webhooks</dt><dd>{{webhooks}}</dd></div><div><dt>Since</dt><dd>{{startedAt}}</dd></div>
        <div><dt>Version</dt><dd>{{version}}</dd></div></dl>
        <p id="notice" class="notice" role="status" hidden></p>
        <table><thead><tr><th>Agent</th><th>State</th><th>Status</th><th>Last run</th><th>Next run</th><th>Queue</th>
        <th><span class="hidden">Actions</span></th></tr></thead><tbody id="agents">
        {{#agents}}<tr data-agent="{{name}}"><td data-label="Agent"><a href="/dashboard/agents/{{name}}/logs">{{name}}</a></td>
        <td data-label="State"><span class="dot" data-state="{{state}}"></span> <span class="state">{{stateLabel}}</span></td>
        <td data-label="Status" class="detail">{{detail}}</td><td data-label="Last run" class="last">{{lastRun}}</td>
        <td data-label="Next run" class="next">{{nextRun}}</td><td data-label="Queue" class="queue">{{queued}}</td>
        <td class="actions"><button data-order="/control/trigger/{{name}}">Run</button>
        {{#isEnabled}}<button class="quiet toggle" data-order="/control/agents/{{name}}/disable">Disable</button>{{/isEnabled}}
        {{^isEnabled}}<button class="quiet toggle" data-order="/control/agents/{{name}}/enable">Enable</button>{{/isEnabled}}
        </td></tr>{{/agents}}</tbody></table>
        {{^agents}}<p class="empty">No agents registered</p>{{/agents}}
        <section><h2>Recent runs</h2>{{^runs}}<p class="empty">No runs yet</p>{{/runs}}<ol class="lines">
        {{#runs}}<li><time>{{time}}</time> <b>{{subject}}</b> <span class="tag" data-state="{{state}}">{{state}}</span>
        {{text}}</li>{{/runs}}</ol></section>
        <section><h2>Recent activity</h2><p class="empty" id="quiet"{{#hasActivity}} hidden{{/hasActivity}}>
        No recent activity</p><ol class="lines" id="activity">
        {{#activity}}<li><time>{{time}}</time> <b>{{subject}}</b> {{text}}</li>{{/activity}}</ol></section>
        </main></body></html>
        """

    static let logs = """
        <!doctype html><html lang="en"><head>{{> head}}
        <script type="module" src="/dashboard/assets/logs.js"></script></head><body data-agent="{{agent}}">
        <header><a href="/dashboard">← Dashboard</a><h1>{{agent}}</h1>
        <span id="connection" class="hint" role="status">connecting</span><span class="spacer"></span>
        <span id="count" class="hint">0 lines</span><button id="follow" aria-pressed="true">Follow</button>
        <button id="clear" class="quiet">Clear</button></header>
        <main><p id="waiting" class="empty">Waiting for logs...</p><ol class="log" id="log" tabindex="0"></ol></main>
        </body></html>
        """
}
