/// The modules that keep the pages alive.
///
/// They set text only, never markup.
enum DashboardScripts {
    static let overview = #"""
        const byId = (id) => document.getElementById(id);
        const clock = (iso) => (iso ? new Date(iso).toLocaleString() : "—");
        const label = (agent) => {
          if (agent.state === "running" && agent.scale > 1) return `running ${agent.runningCount}/${agent.scale}`;
          return agent.scale > 1 && agent.state === "idle" ? `idle (×${agent.scale})` : agent.state;
        };
        const setText = (row, selector, text) => { row.querySelector(selector).textContent = text; };

        function showAgent(agent) {
          const row = document.querySelector(`tr[data-agent="${CSS.escape(agent.name)}"]`);
          if (!row) return false;
          row.querySelector(".dot").dataset.state = agent.state;
          setText(row, ".state", agent.enabled ? label(agent) : `${label(agent)}, disabled`);
          setText(row, ".detail", agent.statusText ?? agent.lastError ?? "—");
          setText(row, ".last", clock(agent.lastRunAt));
          setText(row, ".next", clock(agent.nextRunAt));
          setText(row, ".queue", String(agent.queuedWebhooks));
          const toggle = row.querySelector(".toggle");
          toggle.textContent = agent.enabled ? "Disable" : "Enable";
          toggle.dataset.order = `/control/agents/${agent.name}/${agent.enabled ? "disable" : "enable"}`;
          return true;
        }

        function showActivity(lines) {
          byId("quiet").hidden = lines.length > 0;
          byId("activity").replaceChildren(...lines.map((line) => {
            const item = document.createElement("li");
            const time = document.createElement("time");
            time.textContent = new Date(line.timestamp).toLocaleTimeString();
            const agent = document.createElement("b");
            agent.textContent = line.agent;
            item.append(time, " ", agent, " ", line.message);
            return item;
          }));
        }

        function show(status) {
          const known = status.agents.map(showAgent);
          if (known.includes(false)) location.reload();
          showActivity(status.recentLogs);
          const pause = byId("pause");
          const paused = status.schedulerInfo?.paused;
          pause.textContent = paused ? "Resume" : "Pause";
          pause.dataset.order = paused ? "/control/resume" : "/control/pause";
        }

        document.addEventListener("click", async (event) => {
          const button = event.target.closest("button[data-order]");
          if (!button) return;
          button.disabled = true;
          const notice = byId("notice");
          try {
            const answer = await fetch(button.dataset.order, { method: "POST", credentials: "same-origin" });
            const body = await answer.json();
            notice.textContent = body.message ?? body.error;
          } catch {
            notice.textContent = "The scheduler does not answer";
          }
          notice.hidden = false;
          button.disabled = false;
        });

        for (const time of document.querySelectorAll(".last, .next, .lines time")) {
          if (!Number.isNaN(Date.parse(time.textContent))) time.textContent = clock(time.textContent);
        }
        const stream = new EventSource("/dashboard/api/status-stream");
        stream.onopen = () => { byId("connection").textContent = ""; };
        stream.onerror = () => { byId("connection").textContent = "connection lost, trying again"; };
        stream.onmessage = (event) => show(JSON.parse(event.data));
        """#

    static let logs = #"""
        const byId = (id) => document.getElementById(id);
        const log = byId("log");
        const follow = byId("follow");
        const limit = 5000;
        let following = true;

        const setFollowing = (on) => { following = on; follow.setAttribute("aria-pressed", String(on)); };
        const bottom = () => window.scrollTo(0, document.body.scrollHeight);

        /* What a line shows and how; null = hidden. */
        function view(entry) {
          const msg = entry.msg ?? "";
          if (msg === "event" || msg === "tool done" || (entry.level < 30 && msg !== "tool start")) return null;
          if (msg === "assistant") return ["strong", entry.text ?? ""];
          if (msg === "bash") return ["", `$ ${entry.cmd ?? ""}`];
          if (msg === "tool start") return ["dim", `▸ ${entry.tool ?? ""}`];
          if (msg === "tool error") {
            return ["bad", `✗ ${entry.tool ?? ""} failed\n${entry.cmd ?? ""}\n${String(entry.result ?? "").slice(0, 300)}`];
          }
          if (msg.startsWith("run completed")) return ["good", msg];
          if (entry.level >= 50) return ["bad", `ERROR: ${msg} ${String(entry.err ?? "").slice(0, 300)}`];
          if (entry.level >= 40) return ["warn", `WARN: ${msg}`];
          return ["dim", msg];
        }

        function add(entry) {
          const shown = view(entry);
          if (!shown) return;
          const item = document.createElement("li");
          const time = document.createElement("time");
          time.textContent = entry.time ? new Date(entry.time).toLocaleTimeString() : "";
          const text = document.createElement("span");
          text.className = shown[0];
          text.textContent = shown[1];
          item.append(time, "  ", text);
          log.append(item);
          while (log.childElementCount > limit) log.firstElementChild.remove();
          byId("waiting").hidden = true;
          byId("count").textContent = `${log.childElementCount} lines`;
          if (following) bottom();
        }

        follow.addEventListener("click", () => { setFollowing(!following); if (following) bottom(); });
        byId("clear").addEventListener("click", () => { log.replaceChildren(); byId("count").textContent = "0 lines"; });
        window.addEventListener("scroll", () => {
          setFollowing(window.innerHeight + window.scrollY >= document.body.scrollHeight - 4);
        });
        const stream = new EventSource(`/dashboard/api/logs/${document.body.dataset.agent}/stream`);
        stream.onopen = () => { byId("connection").textContent = "connected"; };
        stream.onerror = () => { byId("connection").textContent = "disconnected"; };
        stream.onmessage = (event) => add(JSON.parse(event.data));
        """#
}
