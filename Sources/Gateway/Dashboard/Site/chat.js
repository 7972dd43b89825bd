/* /dashboard/agents/:name/chat: a conversation with the agent in its container. */
import { connection, notify, request } from "./api.js";
import { byId, fill, h, linked, state } from "./dom.js";
import { span } from "./format.js";
import { item, output, toolCall } from "./timeline.js";
import "./shell.js";

const name = document.body.dataset.agent;
const timeline = byId("timeline");
const message = byId("message");
const words = { starting: "starting", ready: "ready", working: "answering", ended: "closed" };
const colours = { starting: "starting", ready: "succeeded", working: "running", ended: "idle" };
let socket = null;
let session = null;
let phase = "starting";
let heard = 0;
let calls = new Map();
/* The paragraph that grows while the agent speaks. */
let speech = null;

const path = () => `/api/chat/sessions/${encodeURIComponent(session)}`;
const say = (order) => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(order));
const isAtEnd = () => window.innerHeight + window.scrollY >= document.body.scrollHeight - 80;

/* Adds to the conversation; whoever reads further up is left there. */
function add(kind, at, ...content) {
  const follows = isAtEnd();
  speech = null;
  timeline.append(item(kind, at, content));
  if (follows) window.scrollTo(0, document.body.scrollHeight);
}

function show(next) {
  phase = next;
  fill(byId("state"), state(colours[next], words[next]));
  byId("stop").hidden = next !== "working";
  byId("send").disabled = next === "working" || next === "ended";
  byId("clear").disabled = byId("end").disabled = next === "ended";
  byId("ended").hidden = next !== "ended";
  byId("why").hidden = !byId("why").textContent;
  byId("say").hidden = next === "ended";
}

function forget() {
  timeline.replaceChildren();
  calls = new Map();
  speech = null;
}

const shown = {
  session({ state, fresh }) {
    if (fresh) forget();
    show(state);
  },
  user_message({ text, at }) { add("user", at, h("p", { class: "said" }, linked(text))); },
  assistant_message({ text, done, at }) {
    if (text) {
      if (!speech) {
        const words = h("p", { class: "said" });
        add("assistant", at, words);
        speech = words;
      }
      const follows = isAtEnd();
      speech.append(text);
      if (follows) window.scrollTo(0, document.body.scrollHeight);
    }
    if (!done) return;
    speech = null;
    for (const call of calls.values()) call.finish("", true, "not finished");
    calls.clear();
  },
  tool_start({ id, tool, input, at }) {
    const call = toolCall(tool, input);
    calls.set(id, { ...call, at });
    add("tool", at, call.details);
  },
  tool_result({ id, output: text, isError, at }) {
    const call = calls.get(id);
    calls.delete(id);
    if (call) call.finish(text, isError, span(at - call.at));
    else add("tool", at, output(text));
  },
  error({ message, at }) { add("warn", at, linked(message)); },
  heartbeat() {},
};

/* Opens the chat, or joins the one that is open. */
async function start() {
  byId("again").disabled = true;
  try {
    session = (await request("POST", "/api/chat/sessions", { agentName: name })).sessionId;
    forget();
    fill(byId("why"));
    show("starting");
    connect();
    message.focus();
  } catch (error) {
    end(error.message);
  }
  byId("again").disabled = false;
}

/* Joins the chat that is open, if there is one; looking at a page starts nothing. */
async function join() {
  try {
    const { sessions } = await request("GET", "/api/chat/sessions");
    session = sessions.find((one) => one.agentName === name)?.sessionId;
  } catch (error) {
    return end(error.message);
  }
  if (!session) return end("No chat is open.");
  show("starting");
  connect();
}

function connect() {
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/chat/ws/${encodeURIComponent(session)}`);
  socket.onopen = () => { heard = Date.now(); connection("chat", true); };
  socket.onmessage = (event) => {
    heard = Date.now();
    const view = JSON.parse(event.data);
    shown[view.type]?.(view);
  };
  socket.onclose = () => {
    if (phase === "ended") return connection("chat", true);
    connection("chat", false);
    setTimeout(comeBack, 2000);
  };
}

/* After a lost connection: is the chat still there? */
async function comeBack() {
  try {
    const { sessions } = await request("GET", "/api/chat/sessions");
    if (sessions.some((one) => one.sessionId === session)) return connect();
  } catch {
    return setTimeout(comeBack, 3000);
  }
  connection("chat", true);
  end("The chat has ended.");
}

function end(why) {
  fill(byId("why"), why);
  show("ended");
}

function send() {
  const text = message.value.trim();
  if (!text || byId("send").disabled) return;
  if (socket?.readyState !== WebSocket.OPEN) return notify("There is no connection yet; the message stays here", true);
  say({ type: "user_message", text });
  message.value = "";
  message.focus();
}

/* A connection that is open and says nothing is dead: the gateway sends a heartbeat every 15 seconds. */
setInterval(() => { if (socket?.readyState === WebSocket.OPEN && Date.now() - heard > 45_000) socket.close(); }, 5000);

byId("say").addEventListener("submit", (event) => { event.preventDefault(); send(); });
message.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
  if (event.key === "Escape" && phase === "working") say({ type: "cancel" });
});
byId("stop").addEventListener("click", () => { say({ type: "cancel" }); message.focus(); });
byId("clear").addEventListener("click", async () => {
  try {
    notify((await request("POST", `${path()}/clear`)).message);
  } catch (error) {
    notify(error.message, true);
  }
  message.focus();
});
byId("end").addEventListener("click", async () => {
  if (!confirm(`End the chat with ${name}? Its container is thrown away.`)) return;
  try {
    await request("DELETE", path());
  } catch (error) {
    notify(error.message, true);
  }
});
byId("again").addEventListener("click", start);

join();
