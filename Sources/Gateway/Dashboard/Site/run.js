/* /dashboard/runs/:instance: the timeline of one run, live while it runs. */
import { get, live, repeat, section } from "./api.js";
import { agentLink, byId, deliveryLink, facts, fill, h, linked, runLink, state } from "./dom.js";
import { count, moment, money, reason, span } from "./format.js";
import { item, output, toolCall } from "./timeline.js";
import "./shell.js";

const id = document.body.dataset.instance;
const timeline = byId("timeline");
const calls = new Map();
let run = null;
let following = true;

/* Puts an item where its time belongs; later ones usually come last. */
function place(item, time) {
  item.dataset.time = time;
  let next = null;
  for (let before = timeline.lastElementChild; before && Number(before.dataset.time) > time; before = before.previousElementSibling) next = before;
  timeline.insertBefore(item, next);
  byId("waiting").hidden = true;
  if (following && run && !run.endedAt) window.scrollTo(0, document.body.scrollHeight);
}

function show() {
  fill(byId("state"), state(run.state));
  byId("kill").hidden = Boolean(run.endedAt);
  const trigger = run.trigger;
  fill(byId("facts"), facts([
    ["Agent", agentLink(run.agent)], ["Why", linked(reason(trigger))], ["Delivery", trigger.receiptId && deliveryLink(trigger.receiptId)],
    ["Called by", trigger.parent && runLink(trigger.parent)], ["Started", moment(run.startedAt)],
    ["Waited", span(Date.parse(run.startedAt) - Date.parse(run.queuedAt))],
    [run.endedAt ? "Took" : "Running for", span(run.durationMs ?? Date.now() - Date.parse(run.startedAt))],
    ["Turns", run.usage?.turnCount], ["Tokens", run.usage && count(run.usage.totalTokens)], ["Cost", run.usage && money(run.usage.cost)],
    ["Models", run.models?.join(", ")], ["Runtime", run.runtime], ["Isolation", run.isolation], ["Exit code", run.exitCode], ["Rerun", run.rerun || ""],
  ]));
  fill(byId("outcome"), run.reason && h("p", { class: "bad" }, linked(run.reason)),
    run.returnValue !== undefined && h("p", {}, h("b", {}, "Return value "), h("code", {}, run.returnValue)));
  fill(byId("prompt"), trigger.prompt && [h("b", {}, "Task "), trigger.prompt]);
}

const textOf = (content) => (typeof content === "string" ? content : (content ?? []).filter((part) => part.text !== undefined).map((part) => part.text).join("\n"));

function addCall(call, time) {
  const shown = toolCall(call.name, call.arguments);
  calls.set(call.id, { ...shown, time });
  place(item("tool", time, shown.details), time);
}

function addResult(message, time) {
  const call = calls.get(message.callId);
  const text = textOf(message.content);
  if (!call) return place(item("tool", time, output(text)), time);
  call.finish(text, message.isError, span(time - call.time));
}

function addAssistant(message, time) {
  for (const part of message.content ?? []) {
    if (part.type === "thinking" && part.text) {
      place(item("thinking", time, h("details", {}, h("summary", {}, "Thinking"), h("pre", {}, part.text))), time);
    } else if (part.text) {
      place(item("assistant", time, h("p", { class: "said" }, linked(part.text))), time);
    } else if (part.type === "toolCall" || part.toolCall) {
      addCall(part.toolCall ?? part, time);
    }
  }
  const usage = message.usage;
  if (usage) {
    const text = `${count(usage.input ?? usage.inputTokens ?? 0)} in, ${count(usage.output ?? usage.outputTokens ?? 0)} out, ${money(usage.cost)}`;
    place(item("meta", time, h("span", { class: "soft small" }, text)), time);
  }
}

/* The blocks of a prompt, folded; what stands outside of blocks is shown. */
function addPrompt(text, time) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(/<([a-z-]+)>\n?([\s\S]*?)<\/\1>/g)) {
    parts.push(text.slice(end, match.index).trim() && h("p", { class: "said" }, text.slice(end, match.index).trim()),
      h("details", {}, h("summary", {}, match[1]), h("pre", {}, match[2])));
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end).trim() && h("p", { class: "said" }, text.slice(end).trim()));
  place(item("user", time, parts), time);
}

const shown = {
  session(line) {
    place(item("system", line.ts, h("details", {}, h("summary", {}, "System text"), h("pre", {}, line.system ?? ""))), line.ts);
  },
  message({ message, ts }) {
    const time = message.timestamp ?? ts;
    if (message.role === "user") addPrompt(textOf(message.content), time);
    else if (message.role === "assistant") addAssistant(message, time);
    else addResult(message, time);
  },
  retry(line) { place(item("warn", line.ts, `${line.class}: trying again in ${span(line.delayMs ?? 0)}. ${line.error ?? ""}`), line.ts); },
  model(line) { place(item("warn", line.ts, `model ${line.from} → ${line.to}: ${line.reason}`), line.ts); },
  compaction(line) {
    place(item("meta", line.ts, h("details", {}, h("summary", {}, `Context compacted: ${count(line.tokensBefore)} → ${count(line.tokensAfter)} tokens`),
      h("pre", {}, line.summary ?? ""))), line.ts);
  },
};

/* Entries of the log that the transcript tells better, or that are mere bookkeeping. */
const told = new Set(["assistant", "bash", "tool start", "tool done", "tool error", "message", "event", "turn-usage", "token-usage", "run-result",
  "prompt returned", "context compacted", "model fallback", "rate limited, retrying prompt"]);

function addEntry(entry) {
  if (told.has(entry.msg) || entry.level < 30) return;
  if (entry.msg === "network") {
    const kind = entry.verdict === "allowed" ? "meta" : "warn";
    const bytes = entry.bytesIn === undefined ? "" : `, ${count(entry.bytesOut)} bytes out, ${count(entry.bytesIn)} in`;
    return place(item(kind, entry.time, `network: ${entry.host}:${entry.port} ${entry.verdict}${entry.rule ? ` (${entry.rule}${bytes})` : ""}`), entry.time);
  }
  const { level, time, msg, name, instance, pid, hostname, ...rest } = entry;
  const detail = Object.entries(rest).map(([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`).join(", ");
  const kind = level >= 50 ? "bad" : level >= 40 ? "warn" : "meta";
  place(item(kind, time, linked(detail ? `${msg} — ${detail.slice(0, 500)}` : msg)), time);
}

async function load() {
  run = (await get(`/api/runs/${id}`)).run;
  show();
}

async function followLog() {
  const base = `/api/logs/agents/${run.agent}/${id.slice(run.agent.length + 1)}`;
  const dayOf = (time) => new Date(time).toISOString().slice(0, 10);
  let cursor = null;
  await repeat("log", 2000, async () => {
    const isOver = Boolean(run.endedAt);
    let more = true;
    while (more) {
      // From the day on which the run began to the one on which it ended; its first and last entries may be a moment off.
      const query = new URLSearchParams({ lines: "1000", from: dayOf(Date.parse(run.startedAt) - 60_000) });
      if (run.endedAt) query.set("to", dayOf(Date.parse(run.endedAt) + 60_000));
      if (cursor) query.set("cursor", cursor);
      const page = await get(`${base}?${query}`);
      page.entries.forEach(addEntry);
      cursor = page.cursor ?? cursor;
      more = page.hasMore;
    }
    return !isOver;
  });
}

function why() {
  section(byId("why"), async () => {
    const { sentences } = await get(`/api/why/${id}`);
    return h("ul", { class: "lines" }, sentences.map((sentence) => h("li", {}, linked(sentence.text))));
  });
}

byId("follow").addEventListener("click", (event) => {
  following = !following;
  event.target.setAttribute("aria-pressed", String(following));
});
byId("unfold").addEventListener("click", () => {
  const closed = timeline.querySelector("details:not([open])") !== null;
  for (const details of timeline.querySelectorAll("details")) details.open = closed;
});

await section(byId("outcome"), async () => { await load(); return byId("outcome").childNodes.length ? [...byId("outcome").childNodes] : []; });
if (run) {
  why();
  const stream = live(`/api/runs/${id}/stream`, {
    message(line) { shown[line.type]?.(line); },
    end(ended) {
      stream.close();
      run = ended ?? run;
      byId("follow").hidden = true;
      show();
      why();
    },
  });
  byId("follow").hidden = Boolean(run.endedAt);
  followLog();
}
