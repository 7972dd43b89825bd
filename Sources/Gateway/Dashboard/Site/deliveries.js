/* /dashboard/deliveries: webhooks that came in and what became of them. */
import { get, section } from "./api.js";
import { byId, deliveryLink, h, runLink, table } from "./dom.js";
import { moment } from "./format.js";
import "./shell.js";

let before = null;

const works = (delivery) => (delivery.verdicts ?? []).filter((verdict) => verdict.instanceId).map((verdict) => h("div", {}, runLink(verdict.instanceId)));

function load() {
  return section(byId("list"), async () => {
    const status = byId("status").value;
    const query = new URLSearchParams({ limit: "50", ...(status ? { status } : {}), ...(before ? { before } : {}) });
    const { deliveries, next } = await get(`/api/webhooks?${query}`);
    byId("older").hidden = !next;
    byId("older").dataset.next = next ?? "";
    return table("Deliveries", ["Delivery", "Source", "Event", "Status", "Matched", "Received", "Runs"], deliveries.map((delivery) => [
      deliveryLink(delivery.receiptId), delivery.source ?? delivery.type, delivery.summary ?? delivery.event ?? "—",
      h("span", { class: "tag", "data-status": delivery.status }, delivery.status), String(delivery.matched ?? 0), moment(delivery.receivedAt), works(delivery),
    ]), status ? "No delivery with this status" : "No deliveries yet");
  });
}

byId("status").addEventListener("change", () => { before = null; load(); });
byId("older").addEventListener("click", () => { before = byId("older").dataset.next; load(); });
byId("refresh").addEventListener("click", () => { before = null; load(); });
load();
