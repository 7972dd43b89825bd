/* /dashboard/agents/:name/logs: the agent's log, followed, searched, filtered. */
import { live } from "./api.js";
import { agentState, byId, fill, h, linked } from "./dom.js";
import { exact } from "./format.js";
import { showScheduler } from "./shell.js";

const name = document.body.dataset.agent;
const limit = 5000;
const log = byId("log");
const follow = byId("follow");
let following = true;
let connected = false;

const setFollowing = (on) => { following = on; follow.setAttribute("aria-pressed", String(on)); };
const bottom = () => window.scrollTo(0, document.body.scrollHeight);

/* What a line shows and how. */
function view(entry) {
  const msg = entry.msg ?? "";
  if (msg === "assistant") return ["strong", entry.text ?? ""];
  if (msg === "bash") return ["", `$ ${entry.cmd ?? ""}`];
  if (msg === "tool start") return ["dim", `▸ ${entry.tool ?? ""}`];
  if (msg === "tool error") return ["bad", [`✗ ${entry.tool ?? "tool"} failed`, entry.cmd && `$ ${entry.cmd}`, String(entry.result ?? "").slice(0, 300)].filter(Boolean).join("\n")];
  if (msg === "output") return ["", entry.text ?? ""];
  if (msg.startsWith("run completed")) return ["good", msg];
  const detail = entry.error ?? entry.err?.message ?? entry.stderr ?? entry.reason ?? "";
  const text = detail ? `${msg}: ${String(detail).slice(0, 300)}` : msg;
  if (entry.level >= 50) return ["bad", `ERROR: ${text}`];
  return entry.level >= 40 ? ["warn", `WARN: ${text}`] : ["dim", text];
}

/* Bookkeeping that no level setting but "debug" shows. */
const hidden = (entry) => entry.msg === "message" || entry.msg === "event" || entry.msg === "tool done" || entry.msg === "turn-usage";

function isWanted(line) {
  const level = Number(byId("level").value);
  const words = byId("search").value.toLowerCase();
  const own = Number(line.dataset.level);
  return (own >= level || (level === 30 && line.dataset.always === "1")) && (!words || line.textContent.toLowerCase().includes(words));
}

function refilter() {
  let shown = 0;
  for (const line of log.children) {
    line.hidden = !isWanted(line);
    if (!line.hidden) shown += 1;
  }
  byId("count").textContent = `${shown} lines`;
  byId("waiting").hidden = log.childElementCount > 0;
}

function add(entry) {
  const [kind, text] = view(entry);
  const isConversation = ["assistant", "bash", "tool start", "tool error"].includes(entry.msg);
  const line = h("li", { "data-level": hidden(entry) ? 10 : entry.level ?? 30, "data-always": isConversation ? "1" : "0" },
    exact(entry.time ?? Date.now()), entry.instance && h("span", { class: "soft" }, ` ${entry.instance.slice(-8)}`), " ", h("span", { class: kind }, linked(text)));
  line.hidden = !isWanted(line);
  log.append(line);
  while (log.childElementCount > limit) log.firstElementChild.remove();
}

let pending = false;
function refresh() {
  if (pending) return;
  pending = true;
  requestAnimationFrame(() => {
    pending = false;
    refilter();
    if (following) bottom();
  });
}

follow.addEventListener("click", () => { setFollowing(!following); if (following) bottom(); });
byId("clear").addEventListener("click", () => { log.replaceChildren(); refilter(); });
byId("search").addEventListener("input", refilter);
byId("level").addEventListener("change", refilter);
window.addEventListener("scroll", () => {
  if (connected) setFollowing(window.innerHeight + window.scrollY >= document.body.scrollHeight - 8);
});

live(`/dashboard/api/logs/${name}/stream`, {
  message(entry) { connected = true; add(entry); refresh(); },
});
live("/dashboard/api/status-stream", {
  message(status) {
    showScheduler(status.schedulerInfo);
    const agent = status.agents.find((one) => one.name === name);
    fill(byId("state"), agent && agentState(agent));
  },
});
