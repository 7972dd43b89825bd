/* Times, sizes and sums as people read them. */
import { h } from "./dom.js";

const pad = (number) => String(number).padStart(2, "0");

export const clock = (time) => {
  const date = new Date(time);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
};

export const day = (time) => {
  const date = new Date(time);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
};

/* 3s, 2m5s, 3h20m, 2d4h */
export function span(ms) {
  const seconds = Math.round(ms / 1000);
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)}s`;
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${seconds % 60 ? `${seconds % 60}s` : ""}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)}h${minutes % 60 ? `${minutes % 60}m` : ""}`;
  return `${Math.floor(minutes / 1440)}d${Math.floor((minutes % 1440) / 60) || ""}${minutes % 1440 >= 60 ? "h" : ""}`;
}

function distance(time) {
  const ms = Date.parse(time) - Date.now();
  if (Math.abs(ms) < 1500) return "now";
  const coarse = Math.abs(ms) < 60_000 ? Math.round(Math.abs(ms) / 1000) * 1000 : Math.floor(Math.abs(ms) / 60_000) * 60_000;
  const text = coarse < 60_000 ? `${coarse / 1000}s` : span(coarse);
  return ms > 0 ? `in ${text}` : `${text} ago`;
}

/* A moment: how far away, the exact time on hover. Refreshed by keepTime(). */
export function moment(time, none = "—") {
  if (!time) return none;
  const iso = typeof time === "number" ? new Date(time).toISOString() : time;
  return h("time", { datetime: iso, title: `${day(iso)} ${clock(iso)}` }, distance(iso));
}

/* Keeps all moments of the page current. */
export function keepTime() {
  setInterval(() => {
    for (const node of document.querySelectorAll("time[datetime]")) {
      if (!node.dataset.fixed) node.textContent = distance(node.getAttribute("datetime"));
    }
  }, 5000);
}

/* A day and a time of day. */
export const dated = (time) => `${day(time)} ${clock(time)}`;

/* An exact time of day. */
export const exact = (time) => h("time", { datetime: new Date(time).toISOString(), "data-fixed": "1", title: day(time) }, clock(time));

export const money = (usd) => (usd === null || usd === undefined ? "–" : usd === 0 ? "$0" : `$${usd < 0.01 ? usd.toFixed(4) : usd.toFixed(2)}`);

export const count = (number) => (number < 10_000 ? String(number) : number < 1e6 ? `${(number / 1000).toFixed(1)}k` : `${(number / 1e6).toFixed(2)}M`);

export const tokens = (usage) => (usage ? `${count(usage.totalTokens)} tokens` : null);

/* Why a run started, in few words. */
export function reason(trigger) {
  if (!trigger) return "—";
  switch (trigger.type) {
    case "webhook": return `${trigger.source} ${trigger.event}`;
    case "call": return `call by ${trigger.parent ?? trigger.caller}`;
    case "schedule": return trigger.slot ? "schedule" : "initial run";
    default: return "manual";
  }
}
