/* /dashboard/deliveries/:receipt: one delivery, who wanted it and who did not. */
import { get, order, section } from "./api.js";
import { agentLink, byId, deliveryLink, facts, fill, h, runLink, state, table } from "./dom.js";
import { moment } from "./format.js";
import "./shell.js";

const id = document.body.dataset.receipt;

function verdictRow(verdict) {
  const no = verdict.filter && `${verdict.filter}: expected ${[verdict.expected].flat().join(", ")}, found ${[verdict.found ?? []].flat().join(", ") || "nothing"}`;
  const work = verdict.instanceId ? [runLink(verdict.instanceId), " ", verdict.state && state(verdict.state)] : verdict.state ?? "—";
  return [agentLink(verdict.agent), String(verdict.trigger ?? ""), verdict.matched ? h("span", { class: "good" }, "matched") : h("span", { class: "soft" }, "no"),
    verdict.matched ? verdict.reason ?? "" : no ?? verdict.reason ?? "", work];
}

const silence = { rejected: "None: it was refused before any trigger was asked", ignored: "None: of such an event no trigger is asked" };

const verdicts = (list, status) => table("Verdicts", ["Agent", "Trigger", "Verdict", "Because", "Run"], (list ?? []).map(verdictRow),
  silence[status] ?? "No agent listens to this source");

section(byId("verdicts"), async () => {
  const { delivery } = await get(`/api/webhooks/${id}`);
  fill(byId("facts"), facts([
    ["Source", delivery.source ?? delivery.type], ["Event", delivery.summary ?? delivery.event], ["Status", delivery.status], ["Reason", delivery.reason], ["Received", moment(delivery.receivedAt)],
    ["Provider's id", delivery.deliveryId], ["Repeats", delivery.first && deliveryLink(delivery.first)],
    ["Replay of", delivery.replayOf && deliveryLink(delivery.replayOf)], ["Replayed by", delivery.replayedBy], ["Body", `${delivery.bodyBytes ?? 0} bytes`],
    ["Repeated", delivery.duplicates],
  ]));
  byId("headers").textContent = Object.entries(delivery.headers ?? {}).map(([name, value]) => `${name}: ${value}`).join("\n");
  byId("context").textContent = delivery.context ? JSON.stringify(delivery.context, null, 2) : "no context";
  return verdicts(delivery.verdicts, delivery.status);
});

byId("body").addEventListener("toggle", async () => {
  const node = byId("body-text");
  if (node.textContent) return;
  try {
    const answer = await fetch(`/api/webhooks/${id}/body`, { credentials: "same-origin" });
    const text = await answer.text();
    node.textContent = answer.ok ? pretty(text) : `HTTP status ${answer.status}`;
  } catch {
    node.textContent = "The scheduler does not answer";
  }
});

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

byId("try").addEventListener("click", async () => {
  const answer = await order(`/api/webhooks/${id}/replay`, { dryRun: true });
  if (answer) fill(byId("verdicts"), h("p", { class: "soft" }, "What a replay would do today:"), verdicts(answer.verdicts));
});
byId("replay").addEventListener("click", async () => {
  const answer = await order(`/api/webhooks/${id}/replay`, {});
  if (answer?.replayReceiptId) location.assign(`/dashboard/deliveries/${answer.replayReceiptId}`);
});
