"use strict";
// The head of the page: what it is about, the verdicts, the menus, and what the terms mean.

const KINDS = { violation: "Violations", lasso: "Infinite runs", witness: "Witnesses", disagreement: "Disagreement",
  critical: "Critical configurations", bivalent: "Bivalent initial configurations" };

function heading({ data, pages }) {
  byId("title").textContent = data.title;
  const parts = [data.instance ? `instance “${data.instance}”` : "", data.protocol, data.world, data.size, data.cut];
  byId("about").textContent = parts.filter(Boolean).join(" · ");
  clear(byId("verdicts"), data.verdicts.map(verdict));
  const why = data === pages[0].data ? "" : ", for the tours of this instance";
  byId("foot").textContent = data.live ? "Configurations are computed on demand by flpcheck serve." : data.whole
    ? "Every configuration is in this file; it makes no requests."
    : `An excerpt of ${data.total.toLocaleString("en")} configurations${why}; for all of them: ${data.commands.serve}`;
  const terms = Object.entries(TERMS).map(([name, meaning]) => [el("dt", {}, name), el("dd", {}, meaning)]);
  clear(byId("terms"), el("summary", {}, "What the terms mean"), el("dl", { class: "keys" }, terms));
}

// A verdict opens what it is about, and why.
function verdict(row, place) {
  const id = `verdict-${place}`, expected = row.expected && row.verdict !== "HOLDS";
  return el("li", { class: row.verdict.toLowerCase() },
    el("button", { type: "button", popovertarget: id }, el("span", { class: "what" }, row.name), " ", el("b", {}, row.verdict),
      expected ? el("small", {}, " expected") : "", row.vacuous ? el("small", {}, " vacuously") : ""),
    el("div", { id, popover: true, class: "told" }, el("h2", {}, `${row.name}: ${row.verdict}`), el("p", {}, row.claim),
      row.because ? el("p", {}, row.because) : "",
      el("button", { type: "button", popovertarget: id, popovertargetaction: "hide" }, "Close")));
}

// The menus of an instance.
function menus({ data, pages, page, guide }) {
  const groups = Object.entries(KINDS).map(([kind, label]) => {
    const options = data.places.flatMap((place, number) => (place.kind === kind ? [el("option", { value: number }, cut(place.name, 90))] : []));
    return options.length ? el("optgroup", { label }, options) : "";
  });
  clear(byId("jump"), el("option", { value: "" }, "Choose…"), groups);
  const options = data.tours.map((tour, place) => el("option", { value: place },
    cut(tour.name, 60), guide.isHere(place) ? "" : ` (instance ${cut(tour.instance, 40)})`));
  clear(byId("tours"), el("option", { value: "" }, options.length ? "Choose…" : "none here"), options);
  byId("tours").disabled = !options.length;
  const names = pages.map((one, place) => el("option", { value: place, selected: place === page }, cut(one.data.instance || "this one", 60)));
  clear(byId("instances"), names);
  hide(byId("instances").parentNode, pages.length < 2);
}

// What the menus do; they are filled again for each instance.
function listen(app) {
  const chosen = (id, act) => byId(id).addEventListener("change", (event) => {
    const { value } = event.target;
    if (id !== "instances") event.target.value = "";
    if (value !== "") act(Number(value));
  });
  chosen("tours", (number) => app.guide.begin(number));
  chosen("jump", (number) => {
    app.jump(app.data.places[number]);
    focused(byId("next")); // so that digits take steps again
  });
  chosen("instances", (page) => {
    app.turn(page);
    app.visit(() => app.path.follow("0:"));
  });
}

function theme() {
  const button = byId("theme"), root = document.documentElement;
  const dark = () => (root.dataset.theme || (window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const name = () => { button.textContent = dark() ? "Light" : "Dark"; };
  button.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; name(); });
  name();
}

// A part of the address as it was before it was written there.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
