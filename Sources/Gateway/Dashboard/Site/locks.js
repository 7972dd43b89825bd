/* /dashboard/locks: who holds what, since when, until when. */
import { get, section } from "./api.js";
import { byId, h, runLink, table } from "./dom.js";
import { moment } from "./format.js";
import "./shell.js";

const load = () => section(byId("list"), async () => {
  const { locks } = await get("/locks/status");
  return table("Locks", ["Key", "Holder", "Held since", "Expires"], locks.map((lock) => [
    h("code", {}, lock.resourceKey), lock.holder ? runLink(lock.holder) : lock.agentName, moment(lock.heldSince), moment(lock.expiresAt),
  ]), "No lock is held");
});

load();
setInterval(load, 3000);
