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
    await this.app.visit(() => this.app.path.follow(stops[this.place].way));
    byId("tour").scrollIntoView({ block: "nearest" });
  }

  leave() {
    this.tour = null;
    this.app.render();
  }

  elsewhere() {
    const bar = el("div", { class: "bar" }, el("h2", {}, this.tour.name), el("span", { class: "grow" }), this.closing());
    clear(byId("tour"), bar, el("p", {}, `${this.tour.about} It leads through the instance “${this.tour.instance}”; open it with:`),
      el("pre", {}, this.tour.command));
    byId("tour").hidden = false;
    this.tour = null;
  }

  closing() {
    return el("button", { type: "button", "aria-label": "leave the tour", onclick: () => { byId("tour").hidden = true; this.leave(); } }, "✕");
  }

  render() {
    const panel = byId("tour");
    if (!this.tour) return;
    panel.hidden = false;
    const { stops } = this.tour, stop = stops[this.place];
    const strayed = this.app.path.way() !== stop.way;
    const dots = stops.map((other, place) => el("button", {
      type: "button", class: "dot", title: other.title, "aria-label": `stop ${place + 1}: ${other.title}`,
      "aria-current": place === this.place ? "step" : null, onclick: () => this.go(place),
    }));
    const claims = stop.claims.map((claim) => el("li", {}, `✓ ${claim}`));
    clear(panel, el("div", { class: "bar" }, el("p", { class: "kicker" }, `${this.tour.name} · ${this.place + 1} of ${stops.length}`),
      el("span", { class: "grow" }), this.closing()), el("h2", {}, stop.title), el("p", { class: "telling" }, stop.text),
    claims.length ? el("ul", { class: "claims", "aria-label": "checked" }, claims) : "",
    el("div", { class: "bar" }, el("button", { type: "button", disabled: this.place === 0, "data-tour": "back", onclick: () => this.go(this.place - 1) }, "◀ ", el("kbd", {}, "p")),
      el("button", { type: "button", class: "main", disabled: this.place + 1 === stops.length, "data-tour": "next", onclick: () => this.go(this.place + 1) }, "Next stop ", el("kbd", {}, "n")),
      el("span", { class: "dots" }, dots),
      strayed ? el("button", { type: "button", onclick: () => this.go(this.place) }, "Back to this stop") : ""));
  }
}
