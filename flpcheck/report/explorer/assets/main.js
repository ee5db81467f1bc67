"use strict";
// The page: it reads its data, follows the address, and redraws everything after each step.

class App {
  constructor(data) {
    this.data = data;
    Object.assign(TERMS, data.terms);
    this.book = new Book(data.live ? fetchMore : null);
    this.book.absorb(data.chunk);
    this.path = new Path(this.book, data.roots);
    this.cards = new Cards(this);
    this.steps = new Steps(this);
    this.track = new Track(this);
    this.guide = new Guide(this);
    this.atlas = new Atlas(this);
    this.player = new Player(this);
    this.quiz = new Quiz(this);
    this.keys = new Keys(this);
    this.written = null;
  }

  async begin() {
    heading(this.data);
    this.jumps();
    this.guide.menu();
    theme();
    window.addEventListener("hashchange", () => window.location.hash !== this.written && this.read());
    await this.path.follow("0:");
    if (window.location.hash.length > 1) await this.read();
    else await this.open();
  }

  // Where the page opens by itself: on its first tour, or where both outcomes are still possible.
  async open() {
    const tour = this.data.tours.findIndex(({ stops }) => stops.length), beginning = this.data.places.find(({ kind }) => kind === "bivalent");
    if (tour >= 0) await this.guide.begin(tour);
    else if (beginning) await this.visit(() => this.path.follow(beginning.way));
    else this.render();
    if (tour < 0 && beginning) byId("next").prepend(el("p", { class: "start" }, "Start here: both outcomes are still possible. Take a step."));
  }

  // The address holds the path, a loop, the step of it that is shown, the stop of a tour, and how the page is shown:
  // #0:1.0.2;loop=1;at=2;tour=0.3;embed;quiz
  async read() {
    const parts = decodeURIComponent(window.location.hash.slice(1)).split(";");
    const options = new Map(parts.slice(1).map((part) => part.split("=")));
    this.mode(parts.includes("embed"), parts.includes("quiz"));
    const tour = /^(\d+)\.(\d+)$/.exec(options.get("tour") || "");
    if (tour && this.data.tours[Number(tour[1])]) {
      await this.guide.begin(Number(tour[1]), Number(tour[2]));
      return;
    }
    const [loop, at] = ["loop", "at"].map((name) => (/^\d+$/.test(options.get(name) || "") ? Number(options.get(name)) : null));
    if (parts[0] && !(await this.path.follow(parts[0], loop))) announce("the address contains a step that does not exist");
    if (at !== null) await this.path.go(at);
    if (this.path.loop !== null) this.atlas.view = "loop";
    if (this.embedded || this.quiz.asked) this.atlas.view = "run";
    this.render();
  }

  // Embedded in another page only the picture is shown, on a tour its text and the cards as well; in a quiz no valence is.
  mode(embedded, asked) {
    this.embedded = embedded;
    document.body.classList.toggle("embedded", embedded);
    this.quiz.ask(asked);
  }

  write() {
    const { path, guide } = this;
    const loop = path.loop === null ? "" : `;loop=${path.loop}`;
    const onTour = guide.tour && guide.tour.stops[guide.place].way === path.way() && guide.tour.stops[guide.place].loop === path.loop;
    const isRun = path.loop !== null || this.shown.some((run) => run.trigger || run.beside);
    const whole = isRun && path.cursor < path.length; // a run is more than the way to where we are
    const way = whole ? `${path.way(path.length)}${loop};at=${path.cursor}` : `${path.way()}${loop}`;
    const modes = `${this.embedded ? ";embed" : ""}${this.quiz.asked ? ";quiz" : ""}`;
    this.written = `#${way}${onTour ? `;tour=${guide.number}.${guide.place}` : ""}${modes}`;
    if (window.location.hash !== this.written) window.history.replaceState(null, "", this.written);
  }

  // Do something to the path and show what came of it.
  async visit(act, aloud = true) {
    this.steps.chosen = null;
    try {
      await act();
    } catch (error) {
      announce(`that failed: ${error.message}`);
    }
    this.render();
    if (aloud) this.tell();
  }

  take(position) {
    return this.visit(() => this.path.step(position));
  }

  jumpTo(kinds) {
    const found = kinds.flatMap((kind) => this.data.places.filter((place) => place.kind === kind));
    if (found.length) this.jump(found[0]);
    else announce("nothing of that kind was found");
  }

  jump(place) {
    if (place.loop !== null) this.atlas.view = "loop";
    return this.visit(async () => {
      await this.path.follow(place.way, place.loop);
      if (place.trigger) await this.path.go(place.trigger.at);
    });
  }

  // What was found along the path: the path is just the way that shows it.
  get shown() {
    const { path } = this, way = path.way(path.length);
    return this.data.places.filter((place) => place.because && place.way === way && place.loop === path.loop);
  }

  jumps() {
    const names = { violation: "Violations", lasso: "Infinite runs", witness: "Witnesses", disagreement: "Disagreement",
      critical: "Critical configurations", bivalent: "Bivalent initial configurations" };
    const groups = Object.entries(names).map(([kind, label]) => {
      const options = this.data.places.flatMap((place, number) => (place.kind === kind ? [el("option", { value: number }, cut(place.name, 90))] : []));
      return options.length ? el("optgroup", { label }, options) : "";
    });
    const menu = clear(byId("jump"), el("option", { value: "" }, "Choose a place…"), groups);
    menu.addEventListener("change", () => {
      if (menu.value !== "") this.jump(this.data.places[Number(menu.value)]);
      menu.value = "";
      focused(byId("next")); // so that digits take steps again
    });
  }

  tell() {
    const { path, data, book } = this;
    const event = path.cursor ? path.eventAt(path.cursor - 1).t : data.roots[path.initial].text;
    const valence = data.decides ? `, ${valenceWords(book.valence(path.here))}` : "";
    announce(`step ${path.cursor}: ${cut(event, 200)}${valence}; ${counted(path.here.steps.length, "next step")}`);
  }

  render() {
    this.write();
    this.cards.render();
    this.steps.render();
    this.track.render();
    this.guide.render();
    this.quiz.render();
    this.atlas.render();
    document.body.dataset.configuration = this.path.here.id;
  }
}

function heading(data) {
  byId("title").textContent = data.title;
  const parts = [data.instance ? `instance “${data.instance}”` : "", data.protocol, data.world, data.size, data.cut];
  byId("about").textContent = parts.filter(Boolean).join(" · ");
  clear(byId("verdicts"), data.verdicts.map((row) => el("li", { class: row.verdict.toLowerCase(), title: row.because || row.claim },
    el("span", { class: "what" }, row.name), el("b", {}, row.verdict), row.expected && row.verdict !== "HOLDS" ? el("small", {}, "expected") : "",
    row.vacuous ? el("small", {}, "vacuously") : "")));
  const kind = data.live ? "Configurations are computed on demand by flpcheck serve." : data.whole
    ? "Every configuration is in this file; it makes no requests."
    : `An excerpt of ${data.total.toLocaleString("en")} configurations; for all of them: ${data.commands.serve}`;
  byId("foot").textContent = kind;
}

function theme() {
  const button = byId("theme"), root = document.documentElement;
  const dark = () => (root.dataset.theme || (window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const name = () => { button.textContent = dark() ? "Light" : "Dark"; };
  button.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; name(); });
  name();
}

// Only the live page asks: for one configuration, saying how much of each table it has already.
async function fetchMore(id, tables) {
  const have = Object.entries(tables).map(([name, table]) => `${name}=${table.length}`).join("&");
  const answer = await fetch(`configuration?id=${id}&${have}`);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

const app = new App(JSON.parse(byId("data").textContent));
app.begin();
