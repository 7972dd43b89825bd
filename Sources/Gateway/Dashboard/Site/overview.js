/* /dashboard: every agent at one glance, and what happened last. */
import { get, live, section } from "./api.js";
import { agentLink, agentState, byId, facts, fill, h, linked } from "./dom.js";
import { count, exact, moment, money, span } from "./format.js";
import { showScheduler } from "./shell.js";

let history = {};

/* The last runs as a strip of marks, oldest left. */
function strip(runs = []) {
  if (runs.length === 0) return h("span", { class: "soft" }, "no runs yet");
  const good = runs.filter((run) => run.state === "succeeded").length;
  const marks = [...runs].reverse().map((run) =>
    h("a", { class: "mark", href: `/dashboard/runs/${run.instanceId}`, "data-state": run.state, title: `${run.instanceId}: ${run.state}` },
      h("span", { class: "hidden" }, `${run.instanceId} ${run.state}`)));
  return h("span", { class: "strip", role: "group", "aria-label": `${good} of the last ${runs.length} runs succeeded` }, marks);
}

function row(agent) {
  const facts = history[agent.name] ?? {};
  const detail = agent.statusText ?? agent.lastError;
  const toggle = agent.enabled ? "disable" : "enable";
  const cell = (name, ...content) => h("td", { "data-label": name }, content);
  return h("tr", { "data-agent": agent.name, "data-key": agent.name },
    cell("Agent", agentLink(agent.name), agent.description && h("div", { class: "soft small" }, agent.description)),
    cell("State", agentState(agent),
      detail && h("div", { class: agent.statusText ? "small" : "small bad" }, linked(detail.slice(0, 200)))),
    cell("Last run", moment(agent.lastRunAt), agent.lastRunDuration !== null && h("span", { class: "soft" }, ` ${span(agent.lastRunDuration)}`)),
    cell("Next", agent.enabled ? moment(agent.nextRunAt) : "—"),
    cell("Queue", agent.queuedWebhooks > 0 ? h("a", { href: `/dashboard/queue?agent=${agent.name}` }, agent.queuedWebhooks) : "0"),
    cell("Last 20", strip(facts.recent)),
    cell("Today", facts.runsToday ? `${facts.runsToday} ${facts.runsToday === 1 ? "run" : "runs"}, ${money(facts.costToday)}` : "—"),
    h("td", { class: "actions" },
      h("button", { "data-order": `/control/trigger/${agent.name}`, "aria-label": `Run ${agent.name}` }, "Run"), " ",
      h("button", { class: "quiet", "data-order": `/control/agents/${agent.name}/${toggle}`, "aria-label": `${toggle} ${agent.name}` },
        agent.enabled ? "Disable" : "Enable")));
}

function showHead(status) {
  const info = status.schedulerInfo;
  const running = status.agents.reduce((sum, agent) => sum + agent.runningCount, 0);
  const cost = Object.values(history).reduce((sum, agent) => sum + (agent.costToday ?? 0), 0);
  fill(byId("facts"), facts([
    ["Scheduler", info.stopping ? "stopping" : info.paused ? "paused" : info.initializing ? "starting" : "running"],
    ["Running now", running], ["Queued", status.agents.reduce((sum, agent) => sum + agent.queuedWebhooks, 0)],
    ["Cost today", money(cost)], ["Agents", status.agents.length], ["Mode", info.mode], ["Runtime", info.runtime], ["Cron jobs", info.cronJobCount],
    ["Webhooks", info.webhooksActive ? "active" : "inactive"], ["Up since", moment(info.startedAt)],
  ]));
}

function show(status) {
  showScheduler(status.schedulerInfo);
  showHead(status);
  fill(byId("agents"), status.agents.map(row));
  byId("none").hidden = status.agents.length > 0;
  const lines = status.recentLogs.map((line) =>
    h("li", {}, exact(line.timestamp), " ", h("b", {}, line.agent), " ", linked(line.message)));
  fill(byId("activity"), lines.length ? lines : h("li", { class: "empty" }, "No recent activity"));
}

let last = null;
let timer = null;

async function refreshHistory() {
  timer = null;
  history = (await get("/dashboard/api/overview")).agents;
  if (last) show(last);
  showWeek();
}

live("/dashboard/api/status-stream", {
  message(status) {
    const ended = JSON.stringify(status.agents.map((agent) => [agent.name, agent.lastRunAt, agent.runningCount]));
    if (ended !== live.ended && timer === null) timer = setTimeout(() => refreshHistory().catch(() => {}), last ? 700 : 0);
    live.ended = ended;
    last = status;
    show(status);
  },
});

const showWeek = () => section(byId("recent"), async () => {
  const { rows } = await get(`/api/stats/summary?since=${Date.now() - 7 * 86_400_000}`);
  const sum = (key) => rows.reduce((total, day) => total + (day[key] ?? 0), 0);
  const runs = sum("runs");
  return runs === 0 ? h("p", { class: "empty" }, "No runs in the last seven days") : facts([
    ["Runs", count(runs)], ["Succeeded", `${Math.round((100 * sum("succeeded")) / runs)} %`], ["Failed", count(sum("failed"))],
    ["Tokens", count(sum("totalTokens"))], ["Cost", money(sum("cost"))],
  ]);
});
