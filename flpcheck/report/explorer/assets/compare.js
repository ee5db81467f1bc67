"use strict";
// Two runs beside each other: played together, the first step in which they differ marked, and what differs at each step.

// A run of an instance that the page holds; for a RunPicture it stands in for the App.
class Companion {
  constructor(app, page) {
    const { data, book } = app.pages[page];
    Object.assign(this, { app, page, name: "", data, book, path: new Path(book, data.roots), cards: { values: new Values(book.tables) } });
  }

  get shown() {
    return foundAlong(this.data, this.path);
  }

  async visit(act) {
    await act();
    await this.app.visit(() => this.app.comparison.go(this.path.cursor));
  }
}

class Comparison {
  constructor(app) {
    this.app = app;
    this.other = null;
    this.step = 0; // of both; a run that has ended stays at its end, one with a loop goes on
  }

  // Show a run beside the path.  `at` is a step, or the first one in which they differ.
  async open({ page, way, loop }, at = null) {
    const { app } = this, other = new Companion(app, page);
    if (!(await other.path.follow(way, loop)) || !isDrawn(other) || !isDrawn(app)) {
      refuse("this run cannot be shown beside the path");
      return;
    }
    other.name = nameOfRun(app, page, way, loop);
    this.other = other;
    app.atlas.view = "run";
    const { parting } = this;
    await app.visit(() => this.go(at === null ? (parting ? parting.step : app.path.cursor) : at), false);
    byId("atlas").scrollIntoView({ block: "nearest" });
    announce(this.words());
  }

  close() {
    this.other = null;
    this.app.player.pause();
    this.app.render();
  }

  get length() {
    const { path } = this.app;
    return this.other ? Math.max(path.length, this.other.path.length) : path.length;
  }

  get fragment() {
    if (!this.other) return "";
    const { page, path } = this.other, loop = path.loop === null ? "" : `;beside-loop=${path.loop}`;
    const instance = page === this.app.page ? "" : `;beside-instance=${encodeURIComponent(this.app.pages[page].data.instance)}`;
    return `;beside=${path.way(path.length)}${loop}${instance}`;
  }

  async go(step) {
    this.step = Math.max(0, Math.min(step, this.length));
    for (const { path } of this.sides) await path.go(Math.floor(momentOf(path, this.step)));
  }

  // Where the path has gone by itself, the other run follows.
  async follow() {
    if (!this.other) return;
    const { path } = this.app;
    if (path.cursor !== Math.floor(momentOf(path, this.step))) this.step = path.cursor;
    await this.go(this.step);
  }

  get sides() {
    return this.other ? [this.app, this.other] : [this.app];
  }

  // The first step in which the runs differ, in what happens or in what it leads to; null where they are the same.
  get parting() {
    const keys = this.sides.map(({ path, page }) => `${page} ${path.way(path.length)}`).join(" ");
    if (!this.known || this.known.keys !== keys) this.known = { keys, parting: partingOf(...this.sides) };
    return this.known.parting;
  }

  words() {
    const { parting } = this;
    if (!parting) return "The two runs are the same.";
    if (!parting.step) return "The two runs begin in different configurations.";
    const [mine, others] = this.sides.map((side) => side.path.length);
    if (parting.ends) return `Up to step ${parting.step - 1} the runs are the same; then ${mine < others ? "the path" : "the other run"} ends.`;
    if (parting.happens) return `The runs part in step ${parting.step}.`;
    return `In step ${parting.step} the same happens in both runs, and it leads to different states.`;
  }

  render() {
    const { app } = this;
    document.body.classList.toggle("comparing", this.other !== null);
    hide(byId("beside"), !this.other, byId("compare"));
    if (!this.other) return;
    const rows = differencesOf(app, this.other), head = ["process", this.title(app), this.title(this.other)];
    const table = el("table", {}, el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, rows.map(([name, ...cells]) => el("tr", {}, el("th", { scope: "row" }, cut(name, 40)),
        cells.map((lines) => el("td", {}, lines.map((line) => el("div", {}, cut(line, 160)))))))));
    const to = this.parting && this.step !== this.parting.step
      ? el("button", { type: "button", onclick: () => app.visit(() => this.go(this.parting.step)) }, `To step ${this.parting.step}`) : "";
    clear(byId("beside"), el("div", { class: "bar" }, el("p", { class: "parting" }, this.words()), to, el("span", { class: "grow" }),
      el("button", { type: "button", onclick: () => this.close() }, "Show one run only")),
    el("h3", {}, `What differs at step ${Math.floor(this.step)}`), rows.length ? table : el("p", {}, "Nothing: both runs are in the same state."));
  }

  title(side) {
    const { page, path, name } = side;
    return (name || nameOfRun(this.app, page, path.way(path.length), path.loop)) + outcomeOf(side);
  }

  // Both pictures, each with its name; built again for another run or another width only.
  pictures(room) {
    const stacked = room < 720, each = stacked ? room : (room - 16) / 2;
    const key = this.sides.map((side) => RunPicture.key(side, each)).join(" ");
    if (!this.drawn || this.drawn.key !== key) {
      const runs = this.sides.map((side) => new RunPicture(side, each));
      if (this.parting) runs.forEach((run) => run.band(this.parting.step));
      const figures = this.sides.map((side, place) => el("figure", { "data-run": place, tabindex: 0 }, el("figcaption", {}, this.title(side)), runs[place].svg));
      this.drawn = { key, runs, node: el("div", { class: "pair" }, figures) };
    }
    this.drawn.runs.forEach((run) => run.show(run.app.path.cursor));
    return this.drawn;
  }
}

// Where a run is at a moment of both.
function momentOf({ length, loop }, time) {
  if (time <= length) return time;
  return loop === null || loop >= length ? length : loop + ((time - loop) % (length - loop));
}

function isDrawn({ data, shown }) {
  return data.processes > 1 && (!data.renames || shown.some((run) => run.run));
}

function partingOf(mine, others) {
  const told = ({ path, data }, step) => (step ? path.eventAt(step - 1).t : data.names.join());
  for (let step = 0; step <= Math.max(mine.path.length, others.path.length); step += 1) {
    if ([mine, others].some(({ path }) => step > path.length)) return { step, ends: true };
    const happens = told(mine, step) !== told(others, step);
    const [one, two] = [mine, others].map((side) => JSON.stringify([...stateOf(side, side.path.ids[step])].map(([name, lines]) => [name, [...lines]])));
    if (happens || one !== two) return { step, happens, ends: false };
  }
  return null;
}

// What a configuration consists of, as texts: Map name of a process -> Map name of a field -> text.
function stateOf({ book, data, cards }, id) {
  const configuration = book.get(id), values = cards.values;
  return new Map(data.names.map((name, place) => {
    const part = configuration.part(place), lines = new Map();
    for (const [field, number] of part.s === undefined ? [] : values.fields(part.s)) lines.set(field || "state", values.text(number));
    if (part.m && part.m.length) lines.set("mailbox", part.m.map(([sender, message]) => `${values.text(message)} from ${data.names[sender]}`).sort().join(", "));
    if (part.d) lines.set("decided", part.d.join(", "));
    if (part.x) lines.set("crashed", "yes");
    if (part.b) lines.set("faulty", String(part.b));
    return [name, lines];
  }));
}

// [process, lines here, lines there] for each process that is not in the same state; then what can still be decided.
function differencesOf(mine, others) {
  const [here, there] = [mine, others].map((side) => stateOf(side, side.path.ids[side.path.cursor])), rows = [];
  for (const name of new Set([...here.keys(), ...there.keys()])) {
    const [one, two] = [here, there].map((state) => state.get(name));
    if (!one || !two) rows.push([name, [one ? "takes part" : "is not there"], [two ? "takes part" : "is not there"]]);
    else {
      const fields = [...new Set([...one.keys(), ...two.keys()])].filter((field) => one.get(field) !== two.get(field));
      if (fields.length) rows.push([name, ...[one, two].map((lines) => fields.map((field) => `${field}: ${lines.has(field) ? lines.get(field) : "–"}`))]);
    }
  }
  const open = [mine, others].map((side) => valenceWords(side.book.valence(side.path.here)));
  if (mine.tags && others.data.decides && open[0] !== open[1]) rows.push(["valence", ...open.map((words) => [words])]);
  return rows;
}
