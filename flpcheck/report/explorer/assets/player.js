"use strict";
// A run that moves: play, pause, speed.  A loop is played for ever; who wants no motion sees one step after the other.

const PACE = 1100; // milliseconds for a step

class Player {
  constructor(app) {
    this.app = app;
    this.playing = false;
    this.speed = 1;
    this.time = 0;
    this.last = null;
    this.build();
  }

  build() {
    const { app } = this;
    const button = (text, words, act) => el("button", { type: "button", "aria-label": words, title: words, onclick: act }, text);
    const to = (step) => { this.pause(); app.visit(() => this.to(step)); };
    const by = (steps) => () => to(this.step + steps);
    this.button = button("▶ Play", "play the run", () => this.toggle());
    this.button.id = "play";
    this.slider = el("input", { type: "range", min: 0, step: 1, "aria-label": "moment of the run",
      oninput: (event) => to(Number(event.target.value)) });
    const speed = el("select", { "aria-label": "speed", id: "speed", onchange: (event) => { this.speed = Number(event.target.value); } },
      [[0.5, "½×"], [1, "1×"], [2, "2×"], [4, "4×"]].map(([value, text]) => el("option", { value, selected: value === 1 }, text)));
    this.caption = el("p", { id: "caption" });
    clear(byId("player"), this.caption, el("div", { class: "bar" }, button("|◀", "to the beginning", () => to(0)),
      button("◀", "one step back", by(-1)), this.button, button("▶|", "one step forward", by(1)), this.slider, speed));
  }

  render() {
    hide(byId("player"), this.app.atlas.view !== "run", byId("views").querySelector("[aria-pressed=true]"));
    this.slider.max = Math.max(this.length, 1);
    this.slider.disabled = this.button.disabled = this.length === 0;
    this.slider.value = this.step;
    const said = new Set(this.app.comparison.sides.map(({ path, data }) =>
      cut(path.cursor ? `${path.cursor}. ${path.eventAt(path.cursor - 1).t}` : data.roots[path.initial].text, 160)));
    clear(this.caption, [...said].map((text) => el("span", {}, text)));
    this.slider.setAttribute("aria-valuetext", [...said].join("; beside: "));
    if (!this.playing) this.time = this.step;
  }

  // The step that is shown, of one run or of two.
  get step() {
    const { comparison, path } = this.app;
    return comparison.other ? comparison.step : path.cursor;
  }

  get length() {
    return this.app.comparison.length;
  }

  to(step) {
    const { comparison, path } = this.app;
    return comparison.other ? comparison.go(step) : path.go(step);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  play() {
    if (!this.length) return;
    if (this.step === this.length && !this.loops) this.to(0);
    if (this.app.atlas.view !== "run" && this.app.atlas.views().some(([name]) => name === "run")) this.app.atlas.show("run");
    this.playing = true;
    this.time = this.step;
    this.last = null;
    this.face();
    window.requestAnimationFrame((now) => this.tick(now));
  }

  pause() {
    this.playing = false;
    this.time = this.step;
    this.face();
  }

  face() {
    const words = this.playing ? "pause the run" : "play the run";
    this.button.textContent = this.playing ? "❚❚ Pause" : "▶ Play";
    this.button.setAttribute("aria-label", words);
    this.button.title = words;
  }

  get loops() {
    const { path, comparison } = this.app; // two runs are played to the end of the longer one
    return !comparison.other && path.loop !== null && path.loop < path.length;
  }

  get still() {
    return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  async tick(now) {
    if (!this.playing) return;
    const { path, atlas } = this.app, { length } = this;
    this.time += this.last === null ? 0 : Math.min(((now - this.last) / PACE) * this.speed, 1);
    this.last = now;
    if (this.time >= length) this.time = this.loops ? momentOf(path, this.time) : length;
    if (Math.floor(this.time) !== this.step) await this.app.visit(() => this.to(Math.floor(this.time)), false);
    if (!this.playing) return;
    for (const run of atlas.runs) run.show(momentOf(run.app.path, this.time), !this.still);
    if (this.time >= length) this.pause();
    else window.requestAnimationFrame((next) => this.tick(next));
  }
}
