"use strict";
// Elements with texts in them; a text is always a text, never markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

function el(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function draw(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function byId(id) {
  return document.getElementById(id);
}

// By which attribute a control is recognised when it is drawn again.
const MARKS = ["data-tour", "data-do", "data-position", "data-view", "data-place", "data-way", "data-id", "data-row", "id", "aria-label"];

function nameOf(control) {
  const mark = MARKS.find((name) => control.hasAttribute(name));
  return mark ? `${mark}=${control.getAttribute(mark)}` : `text=${control.textContent}`;
}

function controlsIn(node) {
  const found = node.querySelectorAll("button, select, input, textarea, a[href], summary, [role=button]");
  return [...found].filter((control) => !control.disabled && !control.closest("[hidden]"));
}

// Nothing is replaced but here and nothing hidden but by `hide`, so that the keyboard never loses its place: the focus goes
// to the control that has taken the place of the one that had it, else to the panel itself.
function clear(node, ...children) {
  const held = document.activeElement, inside = held !== node && node.contains(held);
  const name = inside ? nameOf(held) : "", place = inside ? controlsIn(node).indexOf(held) : -1;
  node.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== ""));
  if (inside && !node.contains(document.activeElement)) {
    const controls = controlsIn(node);
    const next = controls.find((control) => nameOf(control) === name) || controls[Math.min(place, controls.length - 1)];
    focused(next || node);
  }
  return node;
}

function focused(node) {
  if (node.tabIndex < 0) node.tabIndex = -1;
  node.focus({ preventScroll: true });
}

// Hide a panel; a focus inside it goes elsewhere.
function hide(panel, hidden = true, then = null) {
  const inside = hidden && panel.contains(document.activeElement);
  panel.hidden = hidden;
  if (inside) focused(then || byId("next"));
}

function cut(text, limit) {
  if (text.length <= limit) return text;
  const half = Math.floor((limit - 1) / 2);
  return `${text.slice(0, half)}…${text.slice(-half)}`;
}

function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

// What a screen reader announces after each step; what is refused is seen as well, until the next announcement.
function announce(text, seen = false) {
  byId("live").textContent = text;
  byId("live").classList.toggle("unseen", !seen);
}

function refuse(text) {
  announce(text, true);
}

function valenceClass(valence) {
  return valence.kind === "value" ? `v-value${valence.value % 6}` : `v-${valence.kind}`;
}

// What the glossary says of a term, for tooltips; the page fills it from its data.
const TERMS = {};

function valenceWords(valence) {
  if (valence.kind === "bivalent") return `bivalent: ${valence.name} can be decided`;
  if (valence.kind === "value") return `univalent: only ${valence.name} can be decided`;
  if (valence.kind === "none") return "no decision can be reached any more";
  return `valence not known (${valence.name})`;
}

function chip(valence, extra) {
  const words = valenceWords(valence);
  const short = valence.kind === "none" ? "none" : cut(valence.name, 24);
  const term = { bivalent: "bivalent", value: "univalent" }[valence.kind] || "valence";
  const title = TERMS[term] ? `${words}. ${term}: ${TERMS[term]}` : words;
  return el("span", { class: `chip ${valenceClass(valence)} ${extra || ""}`, title },
    el("span", { "aria-hidden": "true" }, short), el("span", { class: "unseen" }, words));
}
