/* Building blocks of the pages. Text is always set as text, never as markup. */

const svgTags = new Set(["svg", "rect", "path", "line", "g", "title", "text"]);
const svgSpace = "http://www.w3.org/2000/svg";

/* Elements that have listeners of their own: what they do stays with them. */
const listened = new WeakSet();
/* Attributes that a person or an order sets while an element is shown. */
const lasting = new Set(["open", "aria-disabled"]);

export const byId = (id) => document.getElementById(id);

/* h("a", { href: "/x", onclick: f }, "text", child): an element; empty attributes and children are left out. */
export function h(tag, attributes = {}, ...children) {
  const node = svgTags.has(tag) ? document.createElementNS(svgSpace, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) {
      node.addEventListener(name.slice(2), value);
      listened.add(node);
    } else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const keyOf = (node) => node.dataset?.key;
const isAlike = (old, next) => old.nodeName === next.nodeName && keyOf(old) === keyOf(next) && !listened.has(old) && !listened.has(next);

/* Changes what differs, and nothing else. */
function become(old, next) {
  if (old.isEqualNode(next)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.data = next.data;
    return;
  }
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name) && !lasting.has(name)) old.removeAttribute(name);
  for (const { name, value } of next.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  fill(old, [...next.childNodes]);
}

/* Sets what an element holds. What is there already and is still wanted stays, so that a page that is drawn twice a second takes nobody's
   focus, click or unfolded part away. Elements with a data-key are known by it and never become another one. */
export function fill(node, ...children) {
  const wanted = children.flat(2).filter((child) => child || child === 0)
    .map((child) => (child instanceof Node ? child : document.createTextNode(child)));
  const keys = new Set(wanted.map(keyOf));
  for (const child of [...node.childNodes]) if (keyOf(child) && !keys.has(keyOf(child))) child.remove();
  let place = node.firstChild;
  for (const next of wanted) {
    const old = place;
    if (old && (old === next || isAlike(old, next))) {
      place = old.nextSibling;
      if (old !== next) become(old, next);
    } else if (old && !keyOf(old)) {
      place = old.nextSibling;
      old.replaceWith(next);
    } else {
      node.insertBefore(next, old);
    }
  }
  while (place) {
    const rest = place;
    place = rest.nextSibling;
    rest.remove();
  }
}

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

/* Bounded, so that a long word without blanks costs no more than as many short ones. */
const ids = /([a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?-[0-9a-f]{8})(?![0-9a-z-])/g;

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

/* What an agent is at, as the lists of agents show it. */
export function agentState(agent) {
  if (!agent.enabled) return state("disabled");
  if (agent.scale > 1 && agent.state === "running") return state("running", `running ${agent.runningCount}/${agent.scale}`);
  return state(agent.state, agent.scale > 1 && agent.state === "idle" ? `idle (×${agent.scale})` : agent.state);
}
