/* /dashboard/agents/:name: one agent's state, runs, schedule, triggers and instructions. */
import { get, live, order, section } from "./api.js";
import { agentState, deliveryLink, byId, facts, fill, h, linked, runLink, state, table } from "./dom.js";
import { count, dated, moment, money, reason, span } from "./format.js";
import { showScheduler } from "./shell.js";

const name = document.body.dataset.agent;
const base = `/api/stats/agents/${name}/runs`;
const pageSize = 25;
let page = 1;

function showState(agent) {
  fill(byId("state"), agentState(agent));
  const detail = agent.statusText ?? agent.lastError;
  fill(byId("detail"), detail ? linked(detail) : []);
  byId("detail").className = agent.statusText ? "" : "bad";
  const toggle = byId("toggle");
  toggle.textContent = agent.enabled ? "Disable" : "Enable";
  toggle.dataset.order = `/control/agents/${name}/${agent.enabled ? "disable" : "enable"}`;
  byId("kill").hidden = agent.runningCount === 0;
  fill(byId("facts"), facts([
    ["Last run", moment(agent.lastRunAt)], ["Took", agent.lastRunDuration === null ? "" : span(agent.lastRunDuration)],
    ["Next run", agent.enabled ? moment(agent.nextRunAt) : "—"], ["Queued", agent.queuedWebhooks], ["Runners", agent.scale],
    ["Since start", agent.cumulativeUsage ? `${count(agent.cumulativeUsage.totalTokens)} tokens, ${money(agent.cumulativeUsage.cost)}` : ""],
  ]));
}

const runRow = (run) => [
  runLink(run.instanceId), state(run.state), linked(reason(run.trigger)), moment(run.startedAt),
  run.durationMs === undefined ? "—" : span(run.durationMs), run.usage ? count(run.usage.totalTokens) : "—", money(run.usage?.cost),
  run.reason ?? (run.result === "rerun" ? "rerun requested" : ""),
];

function loadRuns() {
  const wanted = byId("filter").value;
  return section(byId("runs"), async () => {
    const query = `?page=${page}&limit=${pageSize}${wanted ? `&state=${wanted}` : ""}`;
    const { runs, total } = await get(base + query);
    const last = Math.max(1, Math.ceil(total / pageSize));
    byId("newer").disabled = page <= 1;
    byId("older").disabled = page >= last;
    byId("pages").textContent = `page ${page} of ${last}, ${total} runs`;
    const columns = ["Run", "State", "Why", "Started", "Took", "Tokens", "Cost", "Remark"];
    return table("Runs", columns, runs.map(runRow), wanted ? "No run in this state" : "No runs yet");
  });
}

/* Bars of the last 40 runs: height = duration, colour = state; a second row for the cost. */
function chart(runs, value, label) {
  const ended = [...runs].reverse().filter((run) => value(run) !== null && value(run) !== undefined);
  if (ended.length < 2) return null;
  const highest = Math.max(...ended.map(value)) || 1;
  const width = 10;
  const bars = ended.map((run, index) => {
    const height = Math.max(1.5, (56 * value(run)) / highest);
    return h("g", {}, h("title", {}, `${run.instanceId}: ${label(value(run))}, ${run.state}`),
      h("rect", { x: index * width + 1, y: 60 - height, width: width - 2, height, rx: 1, "data-state": run.state }));
  });
  return h("svg", { class: "chart", viewBox: `0 0 ${ended.length * width} 60`, role: "img", preserveAspectRatio: "none",
    "aria-label": `${ended.length} runs, at most ${label(highest)}` }, bars);
}

const figure = (title, content) => content && h("figure", {}, h("figcaption", {}, title), content);

function loadCharts() {
  return section(byId("charts"), async () => {
    const { runs } = await get(`${base}?limit=40`);
    fill(byId("isolation"), facts([["Isolation of the last run", runs.find((run) => run.isolation)?.isolation]]));
    return [figure("Duration of the last runs", chart(runs, (run) => run.durationMs, span)),
      figure("Cost of the last runs", chart(runs, (run) => run.usage?.cost, money))];
  });
}

const filterText = (trigger) => Object.entries(trigger).filter(([key]) => key !== "source")
  .map(([key, values]) => `${key}: ${[values].flat().join(", ")}`).join("; ") || "every event";

const nameOf = (model) => `${model.provider} / ${model.model}`;

function showConfig({ config }) {
  fill(byId("config"), facts([
    ["Model", nameOf(config.model)], ["Otherwise", config.models?.map(nameOf).join(", ")], ["Schedule", config.schedule], ["Zone", config.timezone],
    ["Timeout", `${config.timeout}s`], ["Most reruns", config.maxReruns], ["Credentials", config.credentials.join(", ") || "none"],
    ["Turns", config.limits?.maxTurns], ["Tokens a run", config.limits?.maxTokensPerRun && count(config.limits.maxTokensPerRun)], ["Cost a run", config.limits?.maxCostPerRun && money(config.limits.maxCostPerRun)],
    ["Cost a day", config.limits?.maxCostPerDay && money(config.limits.maxCostPerDay)],
    ["One run a key", config.concurrencyKey], ["Debounce", config.debounce && `${config.debounce}s`],
    ["Tool servers", config.mcp?.map((server) => server.name).join(", ")],
    ["Network", config.network ? config.network.allow.join(", ") || "nothing" : "open"],
  ]));
  fill(byId("triggers"), (config.webhooks ?? []).map((trigger) => h("li", {}, h("b", {}, trigger.source), " ", filterText(trigger))));
  byId("no-triggers").hidden = (config.webhooks ?? []).length > 0;
  byId("instructions").textContent = config._agentsMd || "ACTIONS.md is empty";
}

section(byId("next"), async () => {
  const fires = (await get(`/api/next?agent=${name}&n=5`)).fires[0];
  if (!fires || !fires.slots.length) return h("p", { class: "empty" }, fires?.note ?? "No schedule");
  return [h("p", { class: "soft" }, `${fires.expression} (${fires.zone})`, fires.note && `, ${fires.note}`),
    h("ol", { class: "lines" }, fires.slots.map((slot) => h("li", {}, dated(slot), " ", h("span", { class: "soft" }, moment(slot)))))];
});

section(byId("slots"), async () => {
  const { slots } = await get(`/api/slots?agent=${name}&limit=10`);
  return table("Slots", ["Due", "End", "Run"], slots.map((slot) => [
    dated(slot.dueAt), slot.reason ? `${slot.end}: ${slot.reason}` : slot.end, slot.instanceId ? runLink(slot.instanceId) : "—",
  ]), "No slots yet");
});

section(byId("why"), async () => {
  const { sentences } = await get(`/api/why/${name}`);
  return h("ul", { class: "lines" }, sentences.map((sentence) => h("li", {}, linked(sentence.text))));
});

section(byId("deliveries"), async () => {
  const { deliveries } = await get(`/api/webhooks?agent=${name}&limit=5`);
  return table("Deliveries", ["Delivery", "Event", "Status", "Received"], deliveries.map((delivery) => [
    deliveryLink(delivery.receiptId), delivery.summary ?? delivery.event, delivery.status, moment(delivery.receivedAt),
  ]), "No deliveries yet");
});

get(`/dashboard/api/agents/${name}`).then(showConfig).catch(() => { byId("instructions").textContent = "not available"; });

byId("filter").addEventListener("change", () => { page = 1; loadRuns(); });
byId("newer").addEventListener("click", () => { page -= 1; loadRuns(); });
byId("older").addEventListener("click", () => { page += 1; loadRuns(); });
byId("run").addEventListener("submit", async (event) => {
  event.preventDefault();
  const prompt = byId("prompt").value.trim();
  const answer = await order(`/control/trigger/${name}`, prompt ? { prompt } : undefined);
  if (!answer) return;
  byId("prompt").value = "";
  if (answer.instanceId) location.assign(`/dashboard/runs/${answer.instanceId}`);
});

let seen = "";
live("/dashboard/api/status-stream", {
  message(status) {
    showScheduler(status.schedulerInfo);
    const agent = status.agents.find((one) => one.name === name);
    if (!agent) return;
    showState(agent);
    const now = `${agent.runningCount} ${agent.lastRunAt}`;
    if (now === seen) return;
    seen = now;
    loadRuns();
    loadCharts();
  },
});
