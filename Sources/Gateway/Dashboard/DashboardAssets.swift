import Hummingbird

/// Style and scripts of the pages.
///
/// They hold nothing secret, so the login page can use them too.
enum DashboardAssets {
    static var routes: [Route] {
        [
            asset("app.css", type: "text/css; charset=utf-8", text: style),
            asset("dashboard.js", type: "text/javascript; charset=utf-8", text: DashboardScripts.overview),
            asset("logs.js", type: "text/javascript; charset=utf-8", text: DashboardScripts.logs),
        ]
    }

    private static func asset(_ name: String, type: String, text: String) -> Route {
        Route(.get, "/dashboard/assets/\(name)", plane: .open) { _ in
            .text(text, type: type, headers: [.cacheControl: "no-cache"])
        }
    }

    private static let style = """
        :root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--text:#1b1f24;--soft:#5b6470;--line:#d9dee5;--accent:#2456c7;
        --green:#1a7f37;--yellow:#9a6700;--red:#c0272d;--grey:#6b7480}
        @media(prefers-color-scheme:dark){:root{--bg:#12151a;--card:#1b2027;--text:#e7eaee;--soft:#a3acb8;--line:#313842;
        --accent:#8ab0ff;--green:#4ac26b;--yellow:#e0b341;--red:#ff7b78;--grey:#8b95a1}}
        *{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,sans-serif}
        header{display:flex;flex-wrap:wrap;gap:.75rem;align-items:center;padding:.75rem 1.25rem;background:var(--card);
        border-bottom:1px solid var(--line);position:sticky;top:0}
        h1{font-size:1.1rem;margin:0}h2{font-size:1rem;margin:1.5rem 0 .5rem}.spacer{flex:1}
        main{max-width:1500px;margin:0 auto;padding:1.25rem}a{color:var(--accent)}
        button{font:inherit;padding:.3rem .8rem;border:1px solid var(--accent);border-radius:6px;background:var(--accent);
        color:var(--card);cursor:pointer}button.quiet,button[aria-pressed=false]{background:none;color:var(--text);
        border-color:var(--line)}button:disabled{opacity:.5}:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
        .facts{display:flex;flex-wrap:wrap;gap:.5rem 2rem;margin:0 0 1rem}dt{color:var(--soft);font-size:.8rem}dd{margin:0}
        table{width:100%;border-collapse:collapse;background:var(--card);border:1px solid var(--line);border-radius:8px}
        th,td{text-align:left;padding:.55rem .75rem;border-top:1px solid var(--line);overflow-wrap:anywhere}
        th{color:var(--soft);font-weight:500;font-size:.85rem;border-top:0}.actions{white-space:nowrap;text-align:right}
        .dot{display:inline-block;width:.65em;height:.65em;border-radius:50%;background:var(--grey)}
        .dot[data-state=running]{background:var(--green)}.dot[data-state=building]{background:var(--yellow)}
        .dot[data-state=error]{background:var(--red)}.tag{color:var(--soft)}.tag[data-state=succeeded]{color:var(--green)}
        .tag[data-state=failed],.tag[data-state=timedOut],.tag[data-state=lost]{color:var(--red)}
        .lines,.log{list-style:none;margin:0;padding:0}.lines li{padding:.25rem 0;overflow-wrap:anywhere}
        time,.hint,.empty{color:var(--soft)}time{font-variant-numeric:tabular-nums}.problem{color:var(--red)}
        .notice{padding:.5rem .75rem;border:1px solid var(--line);border-radius:6px;background:var(--card)}
        .narrow{display:grid;place-items:center;min-height:100vh}.narrow main{width:min(26rem,92vw)}
        .card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1.5rem}
        .card label,.card input,.card button{display:block;width:100%;margin:.5rem 0}
        input{font:inherit;padding:.45rem;border:1px solid var(--line);border-radius:6px;background:var(--bg);color:var(--text)}
        code{overflow-wrap:anywhere}.log{font:13px/1.55 ui-monospace,monospace}
        .log li{white-space:pre-wrap;overflow-wrap:anywhere;padding:.1rem 0}.log .strong{font-weight:600}
        .log .bad{color:var(--red)}.log .warn{color:var(--yellow)}.log .good{color:var(--green)}.log .dim{color:var(--soft)}
        .hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        @media(max-width:760px){thead{display:none}table,tbody,tr,td{display:block}tr{border-top:1px solid var(--line);
        padding:.5rem 0}td{border:0;padding:.2rem .75rem}td[data-label]::before{content:attr(data-label) ": ";
        color:var(--soft)}.actions{text-align:left}main{padding:.75rem}}
        """
}
