"use strict";
// The current configuration: one card per process with its state, its mailbox, and what it can do or why it cannot.

class Cards {
  constructor(app) {
    this.app = app;
    this.values = new Values(app.book.tables);
    this.hideUnchanged = false;
  }

  render() {
    const { app } = this, { here, before } = app.path;
    const valence = app.book.valence(here);
    const marks = [...(app.tags ? [[CRITICAL, "critical"]] : []), [DISAGREEING, "two decisions"], [INITIAL, "initial"]]
      .filter(([flag]) => here.is(flag)).map(([, words]) => el("span", { class: `badge ${words.split(" ")[0]}`, title: TERMS[words] || null }, words));
    const toggle = el("button", { type: "button", "aria-pressed": String(this.hideUnchanged), onclick: () => this.toggle() },
      "Only what changed ", el("kbd", {}, "u"));
    const head = el("div", { class: "bar" }, el("h2", {}, "Configuration ", el("span", { id: "number" }, String(here.id))),
      app.tags ? chip(valence, "large") : "", marks, el("span", { class: "grow" }), toggle);
    const shown = app.data.names.map((_, place) => place).filter((place) => !this.hidden(place));
    const cards = shown.map((place) => this.card(place, here, before));
    cards.push(...app.shown.filter((run) => run.beside).map((run) => abstractCard(run.beside, app.path.cursor)));
    const picture = here.picture >= 0 ? ownPicture(app.book.tables.pictures[here.picture]) : "";
    const counters = gauges(app);
    clear(byId("here"), head, counters.length ? el("div", { class: "gauges" }, counters) : "", picture, el("div", { class: "cards" }, cards));
  }

  toggle() {
    this.hideUnchanged = !this.hideUnchanged;
    this.render();
  }

  hidden(place) {
    const { here, before } = this.app.path;
    return this.hideUnchanged && before !== null && here.parts[place] === before.parts[place];
  }

  card(place, here, before) {
    const { app } = this, name = app.data.names[place], part = here.part(place);
    const then = before ? before.part(place) : null;
    const changed = before !== null && here.parts[place] !== before.parts[place];
    const role = part.s === undefined ? null : this.values.kind(part.s);
    const label = `${name}${part.x ? ", crashed" : ""}${part.b ? `, ${part.b}` : ""}${changed ? ", changed" : ""}`;
    const decided = (part.d || []).map((value) => el("span", { class: `badge decided ${this.colour(value)}` }, `decided ${cut(value, 30)}`));
    return el("article", { class: `card ${part.x ? "crashed" : ""} ${changed ? "changed" : ""}`, "aria-label": label, "data-process": name },
      el("header", {}, el("h3", {}, cut(name, 60)), role && !part.x ? el("span", { class: "role" }, cut(role[0], 30)) : "",
        part.x ? el("span", { class: "badge crash" }, "crashed") : "",
        part.b ? el("span", { class: "badge bad" }, part.b) : "", decided),
      this.crash(place, part, here), this.state(part, then), place < app.data.processes ? this.mailbox(part, then, place) : "",
      place < app.data.processes ? this.doings(place, part, here) : "");
  }

  colour(value) {
    const place = this.app.data.decisions.indexOf(value);
    return place < 0 ? "" : `v-value${place % 6}`;
  }

  state(part, then) {
    if (part.s === undefined) return "";
    const same = then && then.s !== undefined && this.kindName(then.s) === this.kindName(part.s);
    const old = same ? new Map(this.values.fields(then.s)) : new Map();
    const rows = this.values.fields(part.s).map(([name, number]) => {
      const was = old.get(name);
      if (this.hideUnchanged && was === number) return "";
      return [el("dt", {}, name || "state"), el("dd", {}, this.values.shown(number, was))];
    });
    return el("dl", {}, rows);
  }

  kindName(number) {
    const kind = this.values.kind(number);
    return kind ? kind[0] : "";
  }

  // To let a process crash, or the reason why it cannot.
  crash(place, part, here) {
    const { failures, names, processes } = this.app.data;
    if (!failures || place >= processes || part.x || part.b || !here.out) return "";
    const step = here.steps.find(({ event }) => event.k === "crash" && event.p === place);
    const why = failures.crash || "no further process may crash";
    const name = step ? `let ${names[place]} crash` : `${names[place]} cannot crash: ${why}`;
    return el("button", { type: "button", class: "fail", "data-do": `crash ${names[place]}`, title: name, "aria-label": name,
      "aria-disabled": step ? null : "true", onclick: () => (step ? this.app.take(step.position) : refuse(name)) }, "✕");
  }

  // To lose a message; nothing where none can be lost.
  loss([sender, message], place) {
    const { app } = this;
    const step = app.path.here.steps.find(({ event }) => event.k === "lose" && event.p === place && event.f === sender && event.v === message);
    if (!step) return "";
    const name = `lose ${this.letter([sender, message])}`;
    return el("button", { type: "button", class: "fail small", "data-do": name, title: name, "aria-label": name,
      onclick: () => app.take(step.position) }, "✕");
  }

  mailbox(part, then, process) {
    const letters = part.m || [], old = (then && then.m) || [];
    const fresh = unmatched(letters, old), gone = unmatched(old, letters);
    const held = new Map(part.h || []);
    const items = letters.map((letter, place) => el("li", { class: held.has(place) ? "held" : "", title: held.get(place) || null },
      el(then && fresh.includes(place) ? "ins" : "span", {}, this.letter(letter)),
      this.loss(letter, process), held.has(place) ? el("span", { class: "why" }, held.get(place)) : ""));
    const taken = gone.map((place) => el("li", {}, el("del", {}, this.letter(old[place]))));
    if (!items.length && !taken.length) return "";
    return el("div", { class: "mail" }, el("h4", {}, "mailbox"), el("ul", {}, taken, items));
  }

  letter([sender, message]) {
    return `${this.values.text(message)} from ${this.app.data.names[sender]}`;
  }

  // One button per process: it takes the process's step, opens the choice if there are several, or says why not.
  doings(place, part, here) {
    const steps = here.steps.filter((step) => step.event.p === place && !step.event.w);
    const name = this.app.data.names[place];
    if (!steps.length && !part.w && here.steps.some((step) => step.event.p < 0)) return ""; // in a round all processes step
    if (!steps.length) {
      const why = part.w || (here.out ? "can do nothing here" : "its next steps are not in this file");
      return el("button", { type: "button", class: "do", "aria-disabled": "true", "data-do": name,
        onclick: () => refuse(`${name} ${why}`) }, el("span", { class: "cannot" }, why));
    }
    const text = steps.length === 1 ? shortened(steps[0].event.t, name) : `${steps.length} possible steps…`;
    const target = steps.length === 1 ? this.app.book.get(steps[0].target) : null;
    return el("button", { type: "button", class: "do", "data-do": name,
      onclick: () => (steps.length === 1 ? this.app.take(steps[0].position) : this.app.steps.choose(place)) },
    el("span", { class: "sign", "aria-hidden": "true" }, "▸ "), el("span", { class: "what" }, cut(text, 90)),
    target && this.app.tags ? chip(this.app.book.valence(target)) : "");
  }
}

// Positions of letters without a partner in another mailbox.
function unmatched(letters, others) {
  const left = new Map();
  for (const letter of others) left.set(String(letter), (left.get(String(letter)) || 0) + 1);
  return letters.map((letter, place) => {
    const count = left.get(String(letter)) || 0;
    left.set(String(letter), count - 1);
    return count > 0 ? -1 : place;
  }).filter((place) => place >= 0);
}

function shortened(sentence, name) {
  return sentence.startsWith(`${name} `) ? sentence.slice(name.length + 1) : sentence;
}

// The configuration as a protocol that is refined sees it.
function abstractCard({ name, steps, seen }, place) {
  const now = seen[place], then = place ? seen[place - 1] : now;
  const rows = Object.entries(now).map(([field, text]) => {
    const same = then[field] === text;
    const old = then[field] === undefined || same ? [] : [el("del", {}, then[field]), el("span", { "aria-hidden": "true" }, " → ")];
    return [el("dt", {}, field || "state"), el("dd", {}, old, same ? text : el("ins", {}, text))];
  });
  const wrong = place > 0 && steps[place - 1] === null;
  return el("article", { class: `card abstract ${wrong ? "wrong" : ""}`, "aria-label": `as ${name} sees it`, "data-abstract": name },
    el("header", {}, el("h3", {}, cut(name, 60)), el("span", { class: "role" }, "sees"),
      wrong ? el("span", { class: "badge crash" }, "no such step") : ""), el("dl", {}, rows));
}
