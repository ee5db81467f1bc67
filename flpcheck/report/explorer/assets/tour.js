"use strict";
// Tours: stop after stop, each a place in the state space that was checked when the page was made.

class Guide {
  constructor(app) {
    this.app = app;
    this.tour = null;
    this.place = 0;
  }

  menu() {
    const { tours } = this.app.data;
    const options = tours.map((tour, place) => el("option", { value: place },
      cut(tour.name, 60), tour.stops.length ? "" : ` (instance ${cut(tour.instance, 40)})`));
    const menu = clear(byId("tours"), el("option", { value: "" }, tours.length ? "Choose a tour…" : "none here"), options);
    menu.disabled = !tours.length;
    menu.addEventListener("change", () => {
      if (menu.value !== "") this.begin(Number(menu.value));
      menu.value = "";
    });
  }

  begin(number, place = 0) {
    const tour = this.app.data.tours[number];
    if (!tour) return undefined;
    this.tour = tour;
    this.number = number;
    if (!tour.stops.length) return this.elsewhere();
    return this.go(place);
  }

  async go(place) {
    const stops = this.tour.stops;
    this.place = Math.max(0, Math.min(place, stops.length - 1));
    const { way, loop } = stops[this.place];
    if (loop !== null) this.app.atlas.view = "loop";
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
    document.body.classList.toggle("touring", Boolean(this.tour));
    if (!this.tour) return;
    hide(panel, false);
    const { stops } = this.tour, stop = stops[this.place];
    const strayed = this.app.path.way() !== stop.way;
    const dots = stops.map((other, place) => el("button", {
      type: "button", class: "dot", title: other.title, "aria-label": `stop ${place + 1}: ${other.title}`,
      "aria-current": place === this.place ? "step" : null, onclick: () => this.go(place),
    }));
    const claims = stop.claims.map((claim) => el("li", {}, `✓ ${claim}`));
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
    if (!onward.length || this.place + 1 < stops.length) return "";
    const items = onward.map((where) => el("li", {}, passage(this, where), el("span", { class: "why" }, where.text)));
    return el("div", {}, el("h3", {}, "Go on"), el("ul", { class: "onward" }, items));
  }
}

// The way to another tour: on this page, on one that lies beside it, or by a command.
function passage(guide, { name, spec, instance, here, link, command }) {
  const place = [spec, `instance “${instance}”`].filter(Boolean).join(", ");
  if (here !== null) return el("button", { type: "button", onclick: () => guide.begin(here) }, `${name} ▸`);
  if (link !== null) return [el("a", { href: guide.app.embedded ? `${link};embed` : link }, `${name} ▸`), el("span", { class: "remark" }, ` ${place}`)];
  return [el("b", {}, name), el("span", { class: "remark" }, ` ${place}; open it with `), el("code", {}, command)];
}
