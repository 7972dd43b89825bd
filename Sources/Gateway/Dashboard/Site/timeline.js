/* Items of a conversation, as the pages of runs and chats show them. */
import { fill, h } from "./dom.js";
import { exact } from "./format.js";

export const item = (kind, time, ...content) => h("li", { class: kind }, exact(time), h("div", {}, content));

/* Long text is folded after some lines. */
export function output(text, lines = 30) {
  const all = text.split("\n");
  if (all.length <= lines + 5) return h("pre", {}, text);
  const rest = h("pre", { hidden: true }, all.slice(lines).join("\n"));
  const more = h("button", { class: "quiet small", onclick: () => { rest.hidden = false; more.remove(); } }, `${all.length - lines} more lines`);
  return [h("pre", {}, all.slice(0, lines).join("\n")), more, rest];
}

/* The one argument that tells most of a call. */
const gist = (input) => input?.command ?? input?.path ?? input?.pattern ?? input?.id ?? "";

/* A call, folded; finish() puts in what it brought. */
export function toolCall(name, input) {
  const told = gist(input);
  const result = h("div", {}, h("p", { class: "soft" }, "running …"));
  const status = h("span", { class: "soft" }, "…");
  const rest = Object.entries(input ?? {}).filter(([, value]) => value !== told);
  const details = h("details", { class: "call" },
    h("summary", {}, h("b", {}, name), " ", h("code", {}, String(told).split("\n")[0].slice(0, 160)), " ", status),
    String(told).includes("\n") && h("pre", {}, told),
    rest.length > 0 && h("pre", { class: "soft" }, rest.map(([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`).join("\n")),
    result);
  return {
    details,
    finish(text, isError, took = "") {
      status.textContent = `${isError ? "✗" : "✓"} ${took}`;
      status.className = isError ? "bad" : "good";
      if (isError) details.open = true;
      fill(result, output(text));
    },
  };
}
