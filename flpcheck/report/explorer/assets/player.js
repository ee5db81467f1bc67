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
    const { app } = this, { path } = app;
    const button = (text, words, act) => el("button", { type: "button", "aria-label": words, title: words, onclick: act }, text);
    const go = (place) => () => { this.pause(); app.visit(() => path.go(place())); };
    this.button = button("▶ Play", "play the run", () => this.toggle());
    this.button.id = "play";
    this.slider = el("input", { type: "range", min: 0, step: 1, "aria-label": "moment of the run",
      oninput: (event) => { this.pause(); app.visit(() => path.go(Number(event.target.value))); } });
    const speed = el("select", { "aria-label": "speed", id: "speed", onchange: (event) => { this.speed = Number(event.target.value); } },
      [[0.5, "½×"], [1, "1×"], [2, "2×"], [4, "4×"]].map(([value, text]) => el("option", { value, selected: value === 1 }, text)));
    this.caption = el("p", { id: "caption" });
    clear(byId("player"), this.caption, el("div", { class: "bar" }, button("|◀", "to the beginning", go(() => 0)),
      button("◀", "one step back", go(() => path.cursor - 1)), this.button, button("▶|", "one step forward", go(() => path.cursor + 1)), this.slider, speed));
  }

  render() {
    const { path, data } = this.app;
    hide(byId("player"), this.app.atlas.view !== "run", byId("views").querySelector("[aria-pressed=true]"));
    this.slider.max = Math.max(path.length, 1);
    this.slider.disabled = this.button.disabled = path.length === 0;
    this.slider.value = path.cursor;
    const said = path.cursor ? `${path.cursor}. ${path.eventAt(path.cursor - 1).t}` : data.roots[path.initial].text;
    this.caption.textContent = cut(said, 160);
    this.slider.setAttribute("aria-valuetext", this.caption.textContent);
    if (!this.playing) this.time = path.cursor;
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  play() {
    const { path } = this.app;
    if (!path.length) return;
    if (path.cursor === path.length && !this.loops) path.cursor = 0;
    if (this.app.atlas.view !== "run" && this.app.atlas.views().some(([name]) => name === "run")) this.app.atlas.show("run");
    this.playing = true;
    this.time = path.cursor;
    this.last = null;
    this.face();
    window.requestAnimationFrame((now) => this.tick(now));
  }

  pause() {
    this.playing = false;
    this.time = this.app.path.cursor;
    this.face();
  }

  face() {
    const words = this.playing ? "pause the run" : "play the run";
    this.button.textContent = this.playing ? "❚❚ Pause" : "▶ Play";
    this.button.setAttribute("aria-label", words);
    this.button.title = words;
  }

  get loops() {
    const { path } = this.app;
    return path.loop !== null && path.loop < path.length;
  }

  get still() {
    return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  async tick(now) {
    if (!this.playing) return;
    const { path, atlas } = this.app;
    this.time += this.last === null ? 0 : Math.min(((now - this.last) / PACE) * this.speed, 1);
    this.last = now;
    if (this.time >= path.length) {
      if (this.loops) this.time = path.loop + ((this.time - path.loop) % (path.length - path.loop));
      else this.time = path.length;
    }
    if (Math.floor(this.time) !== path.cursor) await this.app.visit(() => path.go(Math.floor(this.time)), false);
    if (!this.playing) return;
    if (atlas.run) atlas.run.show(this.time, !this.still);
    if (this.time >= path.length) this.pause();
    else window.requestAnimationFrame((next) => this.tick(next));
  }
}
