"use strict";
// The next steps, numbered, each with the valence that it leads to; and the path so far.

class Steps {
  constructor(app) {
    this.app = app;
    this.chosen = null; // a process whose steps alone are shown
  }

  choose(place) {
    this.chosen = place;
    this.render();
    const first = byId("next").querySelector("li button");
    if (first) first.focus();
  }

  render() {
    const { app } = this, { here } = app.path;
    const all = here.steps;
    const shown = this.chosen === null ? all : all.filter((step) => step.event.p === this.chosen);
    const back = this.chosen === null ? "" : el("button", { type: "button", onclick: () => this.choose(null) }, "All processes");
    const items = shown.map((step) => this.item(step, all.indexOf(step) + 1));
    clear(byId("next"), el("div", { class: "bar" }, el("h2", {}, "Next steps"), el("span", { class: "remark" }, this.remark(all)), back),
      el("ol", { class: "steps" }, items), items.length ? "" : el("p", { class: "empty" }, this.nothing()));
  }

  item(step, number) {
    const { app } = this, target = app.book.get(step.target);
    const told = step.event.c ? `by chance (${step.event.c})` : step.event.o ? `outcome ${step.event.o + 1}` : "";
    const outcome = told ? el("span", { class: "badge" }, told) : "";
    const flags = target ? [...(app.tags ? [[CRITICAL, "critical"]] : []), [DISAGREEING, "two decisions"]].filter(([flag]) => target.is(flag)) : [];
    return el("li", {}, el("button", {
      type: "button", class: step.event.w ? "step world" : "step", "data-position": step.position, onclick: () => app.take(step.position),
    }, el("kbd", { "aria-hidden": "true" }, String(number)), el("span", { class: "what" }, cut(step.event.t, 240), outcome,
      step.event.r ? el("span", { class: "rule" }, step.event.r) : "",
      step.event.n ? el("span", { class: "rule" }, "then ballots are renumbered from the lowest one in use") : ""),
    flags.map(([, words]) => el("span", { class: `badge ${words.split(" ")[0]}`, title: TERMS[words] || null }, words)),
    target && app.tags ? [el("span", { class: "leads", "aria-hidden": "true" }, "→"), chip(app.book.valence(target))] : ""));
  }

  // The lesson of the theorem in a line: which steps keep the outcome open?
  remark(steps) {
    const { app } = this, kind = app.book.valence(app.path.here).kind;
    if (!app.tags || kind !== "bivalent" || !steps.length) return "";
    const open = steps.filter((step) => app.book.valence(app.book.get(step.target)).kind === "bivalent").length;
    if (!open) return "each of them settles the outcome";
    return open === steps.length ? "all of them keep it open" : `${open} of ${steps.length} keep it open`;
  }

  nothing() {
    const { here } = this.app.path;
    if (here.out) return "Nothing more can happen.";
    const command = this.app.data.commands.serve;
    return `The next steps are not in this file. Explore them with: ${command}`;
  }
}

class Track {
  constructor(app) {
    this.app = app;
  }

  render() {
    const { app } = this, { path } = app;
    const buttons = [["|◀", "to the beginning", "Home", () => path.go(0), path.cursor > 0],
      ["◀ Back", "one step back", "Backspace", () => path.go(path.cursor - 1), path.cursor > 0],
      ["Forward ▶", "one step forward", "→", () => path.go(path.cursor + 1), path.cursor < path.length],
      ...app.shown.filter((run) => run.trigger).slice(0, 1).map(({ trigger }) => ["Trigger", `to the step after which ${trigger.text}`, "g",
        () => path.go(trigger.at), path.cursor !== trigger.at]),
      ["Fork here", "drop the steps ahead; they stay among the other paths", "f", () => path.fork(), path.cursor < path.length]];
    const bar = buttons.map(([text, words, key, act, possible]) => el("button", {
      type: "button", title: key ? `${words} (${key})` : words, "aria-label": words, disabled: !possible, onclick: () => app.visit(act),
    }, text));
    const slider = el("input", { type: "range", min: 0, max: Math.max(path.length, 1), value: path.cursor, "aria-label": "step of the path",
      disabled: path.length === 0, oninput: (event) => app.visit(() => path.go(Number(event.target.value))) });
    clear(byId("way"), el("div", { class: "bar" }, el("h2", {}, "Path"), el("span", { class: "remark" }, `step ${path.cursor} of ${path.length}`),
      el("span", { class: "grow" }), copyMenu(app)), el("div", { class: "bar" }, bar, slider),
    app.shown.map((run) => el("p", { class: "because" }, el("b", {}, run.name), `: ${run.because} `, ["violation", "lasso"].includes(run.kind) ? besideDeciding(app) : "")),
    el("ol", { class: "track", start: 0 }, path.ids.map((id, place) => this.item(id, place))), this.others(), this.roots());
    const current = byId("way").querySelector("[aria-current]"), list = byId("way").querySelector(".track");
    if (current) list.scrollTop = current.offsetTop - list.clientHeight / 2;
  }

  item(id, place) {
    const { app } = this, { path } = app, configuration = app.book.get(id);
    const event = place ? path.eventAt(place - 1) : null;
    const looping = path.loop !== null && place === path.loop + 1 ? el("div", { class: "loop" }, "from here on, for ever:") : "";
    const resting = path.loop === place && place === path.length ? el("div", { class: "loop" }, "from here on, for ever, nothing changes") : "";
    const text = event ? event.t : app.data.roots[path.initial].text;
    const triggers = app.shown.filter((run) => run.trigger && run.trigger.at === place)
      .map((run) => el("div", { class: "trigger" }, `trigger: ${run.trigger.text} here`));
    return el("li", { class: place > path.cursor ? "ahead" : "" }, looping, el("button", {
      type: "button", "aria-current": place === path.cursor ? "step" : null, onclick: () => app.visit(() => path.go(place)),
    }, el("span", { class: "place" }, String(place)), el("span", { class: "what" }, cut(text, 120), abstractSteps(app, place)),
    app.tags ? chip(app.book.valence(configuration)) : ""), triggers, resting);
  }

  others() {
    const { app } = this, ways = app.path.others;
    if (!ways.length) return "";
    const items = ways.map((way) => el("li", {}, el("button", { type: "button", onclick: () => app.visit(() => app.path.follow(way)) },
      `${app.data.roots[Number(way.split(":")[0])].text}, ${counted(way.split(".").length, "step")}: ${cut(way, 40)}`)));
    return el("details", {}, el("summary", {}, `Other paths (${ways.length})`), el("ul", { class: "others" }, items));
  }

  roots() {
    const { app } = this;
    if (app.data.roots.length < 2) return "";
    const options = app.data.roots.map((root, place) => el("option", { value: place, selected: place === app.path.initial }, cut(root.text, 80)));
    return el("label", { class: "beginning" }, "Start from ", el("select", {
      id: "roots", onchange: (event) => app.visit(() => app.path.follow(`${event.target.value}:`)),
    }, options));
  }
}

// What a step is in a protocol that is refined.
function abstractSteps(app, place) {
  return app.shown.filter((run) => run.beside && place > 0).map(({ beside }) => {
    const step = beside.steps[place - 1];
    const words = step === null ? "no such step" : step || "no change";
    return el("span", { class: step === null ? "abstract wrong" : "abstract" }, `${beside.name}: ${cut(words, 120)}`);
  });
}
