"use strict";
// Tours: stop after stop, each a place in the state space that was checked when the page was made.

class Guide {
  constructor(app) {
    this.app = app;
    this.tour = null;
    this.place = 0;
  }

  // Whether the page holds a tour: on the instance that it shows, or on another one.
  isHere(number) {
    return this.app.pages.some(({ data }) => data.tours[number] && data.tours[number].stops.length);
  }

  begin(number, place = 0) {
    const { app } = this;
    if (!app.data.tours[number]) return undefined;
    const page = app.pages.findIndex(({ data }) => data.tours[number].stops.length);
    if (page >= 0 && page !== app.page) app.turn(page);
    return app.guide.lead(number, place); // of that instance
  }

  lead(number, place) {
    this.tour = this.app.data.tours[number];
    this.number = number;
    return this.tour.stops.length ? this.go(place) : this.elsewhere();
  }

  async go(place) {
    const stops = this.tour.stops;
    this.place = Math.max(0, Math.min(place, stops.length - 1));
    const { way, loop } = stops[this.place];
    if (loop !== null && !this.app.comparison.other) this.app.atlas.view = "loop";
    await this.app.visit(() => this.app.path.follow(way, loop));
    if (!this.app.embedded) byId("tour").scrollIntoView({ block: "nearest" }); // which would scroll the page around it, too
  }

  // The next stop; after the last one, to where the tour goes on.
  next() {
    const onward = byId("tour").querySelector(".onward a, .onward button");
    if (this.place + 1 === this.tour.stops.length && onward) onward.focus();
    else this.go(this.place + 1);
  }

  leave() {
    hide(byId("tour"), true, byId("tours"));
    this.tour = null;
    this.app.render();
  }

  elsewhere() {
    const bar = el("div", { class: "bar" }, el("h2", {}, this.tour.name), el("span", { class: "grow" }), this.closing());
    clear(byId("tour"), bar, el("p", {}, this.tour.about), el("ul", { class: "onward" }, el("li", {}, passage(this, this.tour))));
    hide(byId("tour"), false);
    this.tour = null;
  }

  closing() {
    return el("button", { type: "button", "aria-label": "leave the tour", onclick: () => this.leave() }, "✕");
  }

  render() {
    const panel = byId("tour");
    const led = this.tour !== null && !this.app.comparison.other; // two runs need the room
    document.body.classList.toggle("touring", led);
    if (this.tour) hide(panel, !led, byId("play"));
    if (!led) return;
    const { stops } = this.tour, stop = stops[this.place];
    const strayed = this.app.path.way() !== stop.way;
    const dots = stops.map((other, place) => el("button", {
      type: "button", class: "dot", title: other.title, "aria-label": `stop ${place + 1}: ${other.title}`,
      "aria-current": place === this.place ? "step" : null, onclick: () => this.go(place),
    }));
    const claims = (this.app.quiz.asked ? [] : stop.claims).map((claim) => el("li", {}, `✓ ${claim}`));
    clear(panel, el("div", { class: "bar top" }, el("p", { class: "kicker" }, `${this.tour.name} · ${this.place + 1} of ${stops.length}`),
      el("span", { class: "grow" }), this.closing()), el("h2", {}, stop.title), el("p", { class: "telling" }, stop.text),
    claims.length ? el("ul", { class: "claims", "aria-label": "checked" }, claims) : "",
    el("div", { class: "bar onward-bar" }, el("button", { type: "button", disabled: this.place === 0, "data-tour": "back", onclick: () => this.go(this.place - 1) }, "◀ ", el("kbd", {}, "p")),
      el("button", { type: "button", class: "main", disabled: this.place + 1 === stops.length, "data-tour": "next", onclick: () => this.go(this.place + 1) }, "Next stop ", el("kbd", {}, "n")),
      el("span", { class: "dots" }, dots),
      strayed ? el("button", { type: "button", onclick: () => this.go(this.place) }, "Back to this stop") : ""), this.onward());
  }

  // At the end: where to go from here.
  onward() {
    const { onward, stops } = this.tour;
    if (this.place + 1 < stops.length) return "";
    const items = onward.map((where) => el("li", {}, passage(this, where), el("span", { class: "why" }, where.text)));
    const beside = endsOfTours(this.app).filter(({ number }) => number !== this.number && !this.app.data.renames);
    items.push(...beside.map((run) => el("li", {}, el("button", { type: "button", "data-do": `beside ${run.label}`,
      onclick: () => this.app.comparison.open(run) }, `Beside “${run.label}”`), el("span", { class: "why" }, "Both runs at once, and where they part."))));
    return items.length ? el("div", {}, el("h3", {}, "Go on"), el("ul", { class: "onward" }, items)) : "";
  }
}

// The way to another tour: in this page, on one that lies beside it, or, where neither holds it, by a command.
function passage(guide, { name, spec, instance, here, link, command }) {
  const place = [spec, `instance “${instance}”`].filter(Boolean).join(", ");
  if (here !== null) return el("button", { type: "button", onclick: () => guide.begin(here) }, `${name} ▸`);
  if (link !== null) return [el("a", { href: guide.app.embedded ? `${link};embed` : link }, `${name} ▸`), el("span", { class: "remark" }, ` ${place}`)];
  return [el("b", {}, name), el("span", { class: "remark" }, ` ${place}; open it with `), el("code", {}, command)];
}
