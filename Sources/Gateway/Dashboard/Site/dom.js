/* Building blocks of the pages. Text is always set as text, never as markup. */

const svgTags = new Set(["svg", "rect", "path", "line", "g", "title", "text"]);
const svgSpace = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

/* h("a", { href: "/x", onclick: f }, "text", child): an element; empty attributes and children are left out. */
export function h(tag, attributes = {}, ...children) {
  const node = svgTags.has(tag) ? document.createElementNS(svgSpace, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/* Replaces what an element holds. */
export const fill = (node, ...children) => node.replaceChildren(...children.flat(2).filter((child) => child || child === 0));

/* A table with named columns; on narrow screens each row becomes a card. */
export function table(caption, columns, rows, empty) {
  if (rows.length === 0) return h("p", { class: "empty" }, empty);
  return h("table", {},
    h("caption", { class: "hidden" }, caption),
    h("thead", {}, h("tr", {}, columns.map((column) => h("th", { scope: "col" }, column)))),
    h("tbody", {}, rows.map((cells) =>
      h("tr", {}, cells.map((cell, index) => h("td", { "data-label": columns[index] }, cell))))));
}

/* Pairs of term and value. */
export const facts = (pairs) => h("dl", { class: "facts" },
  pairs.filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value))));

const ids = /([a-z0-9](?:[a-z0-9-]*[a-z0-9])?-[0-9a-f]{8})(?![0-9a-z-])/g;

/* Text in which the ids of runs are links to their pages. */
export function linked(text) {
  const parts = [];
  let end = 0;
  for (const match of String(text).matchAll(ids)) {
    parts.push(text.slice(end, match.index), runLink(match[1]));
    end = match.index + match[1].length;
  }
  return [...parts, String(text).slice(end)];
}

export const runLink = (id) => h("a", { href: `/dashboard/runs/${encodeURIComponent(id)}` }, id);
export const agentLink = (name) => h("a", { href: `/dashboard/agents/${encodeURIComponent(name)}` }, name);
export const deliveryLink = (id) => h("a", { href: `/dashboard/deliveries/${encodeURIComponent(id)}` }, id.slice(0, 8));

/* A state in its colour; the word stands beside the colour. */
export const state = (word, label = word) => h("span", { class: "state", "data-state": word }, h("i", { "aria-hidden": "true" }), label);
