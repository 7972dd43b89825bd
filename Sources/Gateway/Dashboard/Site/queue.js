/* /dashboard/queue: what waits, and what was dropped. */
import { get, section } from "./api.js";
import { agentLink, byId, deliveryLink, table } from "./dom.js";
import { moment, reason } from "./format.js";
import "./shell.js";

/* The most that the gateway tells at once. */
const limit = 200;
const agent = new URLSearchParams(location.search).get("agent");

function load() {
  return section(byId("list"), async () => {
    const wanted = byId("state").value;
    const query = new URLSearchParams({ state: wanted, limit: String(limit), ...(agent ? { agent } : {}) });
    const { items } = await get(`/api/queue?${query}`);
    byId("count").textContent = `${items.length === limit ? "the first " : ""}${items.length} items${agent ? ` of ${agent}` : ""}`;
    return table("Queue", ["Agent", "Why", "Since", "Due", "Key", "Delivery", "Remark"], items.map((item) => [
      agentLink(item.agent), reason(item.trigger), moment(item.receivedAt), moment(item.dueAt, "now"), item.key ?? "—",
      item.receiptId ? deliveryLink(item.receiptId) : "—", item.reason ?? "",
    ]), wanted === "waiting" ? "Nothing waits" : "Nothing was dropped");
  });
}

byId("state").addEventListener("change", load);
load();
setInterval(load, 3000);
