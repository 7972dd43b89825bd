/* Talking to the gateway: requests, orders given by buttons, live streams. */
import { byId, fill } from "./dom.js";

/* The JSON of an answer; an error carries the gateway's own sentence. */
export async function request(method, path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: { Accept: "application/json", ...(body ? { "Content-Type": "application/json" } : {}) },
      body: body ? JSON.stringify(body) : undefined,
    });
  } catch {
    throw new Error("The scheduler does not answer");
  }
  if (answer.status === 401) location.assign("/login");
  const document = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(document.error ?? `HTTP status ${answer.status}`);
  return document;
}

export const get = (path) => request("GET", path);

/* Shows a sentence where everybody looks, also to screen readers. */
export function notify(text, isProblem = false) {
  const notice = byId("notice");
  notice.textContent = text;
  notice.classList.toggle("problem", isProblem);
  notice.hidden = false;
  clearTimeout(notify.timer);
  notify.timer = setTimeout(() => { notice.hidden = true; }, 8000);
}

/* Gives an order and shows its answer; returns the answer, or null when it failed. */
export async function order(path, body) {
  try {
    const answer = await request("POST", path, body);
    notify(answer.message ?? "Done");
    return answer;
  } catch (error) {
    notify(error.message, true);
    return null;
  }
}

const lost = new Set();

function showConnection() {
  const node = byId("connection");
  if (!node) return;
  node.textContent = lost.size ? "connection lost, trying again" : "live";
  node.dataset.lost = String(lost.size > 0);
}

/* Tells how it stands with a connection that a page keeps itself. */
export function connection(name, isUp) {
  if (isUp) lost.delete(name);
  else lost.add(name);
  showConnection();
}

/* Follows a stream until closed. A lost connection is shown and heals; `events` maps names to handlers of parsed data. */
export function live(path, events) {
  let source;
  let timer;
  let last = "";
  const retry = () => { timer = setTimeout(open, 3000); };
  const open = () => {
    // The browser tells where it was only when it comes back by itself.
    source = new EventSource(last ? `${path}?after=${encodeURIComponent(last)}` : path);
    source.onopen = () => { lost.delete(path); showConnection(); };
    source.onerror = () => {
      lost.add(path);
      showConnection();
      // The browser comes back by itself unless the answer was an error status; asking why leads to the login when that is it.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(() => get("/control/status").then(open, retry), 3000);
    };
    for (const [name, handle] of Object.entries(events)) {
      source.addEventListener(name, (event) => {
        last = event.lastEventId || last;
        handle(JSON.parse(event.data || "null"));
      });
    }
  };
  open();
  return { close() { clearTimeout(timer); source.close(); lost.delete(path); } };
}

/* Runs a task now and again after each pause, as long as it answers true. One that fails is shown as a lost connection and tried again. */
export async function repeat(name, pause, task) {
  for (let goesOn = true; goesOn;) {
    try {
      goesOn = await task();
      connection(name, true);
    } catch {
      connection(name, false);
    }
    if (goesOn) await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/* Fills a part of the page; a failure is said in its place. */
export async function section(node, load) {
  try {
    fill(node, await load());
  } catch (error) {
    const text = document.createElement("p");
    text.className = "problem";
    text.textContent = error.message;
    node.replaceChildren(text);
  }
}
