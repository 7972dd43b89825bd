/* What every page has: the pause and logout buttons, the mark in the navigation, orders of buttons, clocks that go on. */
import { byId } from "./dom.js";
import { notify, order, request } from "./api.js";
import { keepTime } from "./format.js";

/* Shows whether the scheduler is paused. */
export function showScheduler(info) {
  const pause = byId("pause");
  pause.hidden = !info;
  if (!info) return;
  pause.textContent = info.paused ? "Resume" : "Pause";
  pause.dataset.order = info.paused ? "/control/resume" : "/control/pause";
  document.body.dataset.paused = String(info.paused);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-order]");
  if (!button || button.hasAttribute("aria-disabled")) return;
  if (button.dataset.ask && !confirm(button.dataset.ask)) return;
  // Not `disabled`, which takes the focus away.
  button.setAttribute("aria-disabled", "true");
  await order(button.dataset.order);
  button.removeAttribute("aria-disabled");
});

/* Not by a form: for one a page without a referrer sends no origin, by which the gateway knows its own pages. */
byId("logout").addEventListener("click", async () => {
  try {
    await request("POST", "/logout");
    location.assign("/login");
  } catch (error) {
    notify(error.message, true);
  }
});

for (const link of document.querySelectorAll("nav a")) {
  const path = new URL(link.href).pathname;
  const isHere = path === "/dashboard" ? location.pathname === path : location.pathname.startsWith(path);
  if (isHere) link.setAttribute("aria-current", "page");
}
keepTime();
