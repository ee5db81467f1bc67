"use strict";
// The page: it reads its data, follows the address, and redraws everything after each step.

class App {
  constructor(data) {
    Object.assign(TERMS, data.terms);
    // The instance of the page, then others that it holds for the tours through them.
    this.pages = [data, ...data.annexes].map((one) => ({ data: one, book: new Book(one.live ? fetchMore : null) }));
    for (const page of this.pages) page.book.absorb(page.data.chunk);
    this.player = new Player(this);
    this.quiz = new Quiz(this);
    this.comparison = new Comparison(this);
    this.turn(0);
    this.keys = new Keys(this);
    this.written = null;
  }

  // Turn to an instance that the page holds.
  turn(page) {
    const { data, book } = this.pages[page];
    this.comparison.other = null;
    Object.assign(this, { page, data, book, path: new Path(book, data.roots) });
    Object.assign(this, { cards: new Cards(this), steps: new Steps(this), track: new Track(this), guide: new Guide(this), atlas: new Atlas(this) });
    this.player.pause();
    heading(this);
    menus(this);
  }

  // Whether valence is shown: where something is decided, and not in a quiz.
  get tags() {
    return this.data.decides && !this.quiz.asked;
  }

  async begin() {
    listen(this);
    theme();
    printing(this);
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
  // #0:1.0.2;loop=1;at=2;tour=0.3;instance=round;beside=0:1;beside-loop=0;beside-instance=round;embed;quiz
  async read() {
    const parts = window.location.hash.slice(1).split(";").map(decoded);
    const options = new Map(parts.slice(1).map((part) => part.split(/=(.*)/s)));
    this.mode(parts.includes("embed"), parts.includes("quiz"));
    this.turn(this.pageOf(options.get("instance")));
    const tour = /^(\d+)\.(\d+)$/.exec(options.get("tour") || "");
    if (tour && this.data.tours[Number(tour[1])]) {
      await this.guide.begin(Number(tour[1]), Number(tour[2]));
      return;
    }
    const [loop, at, besideLoop] = ["loop", "at", "beside-loop"].map((name) => (/^\d+$/.test(options.get(name) || "") ? Number(options.get(name)) : null));
    if (parts[0] && !(await this.path.follow(parts[0], loop))) refuse("the address contains a step that does not exist");
    if (at !== null) await this.path.go(at);
    if (this.path.loop !== null) this.atlas.view = "loop";
    if (this.embedded || this.quiz.asked) this.atlas.view = "run";
    this.render();
    const beside = options.get("beside");
    if (beside) await this.comparison.open({ page: this.pageOf(options.get("beside-instance"), this.page), way: beside, loop: besideLoop }, at);
  }

  // Which of its instances has a name.
  pageOf(name, otherwise = 0) {
    if (name === undefined) return otherwise;
    const found = this.pages.findIndex(({ data }) => data.instance === name);
    if (found < 0) refuse("the address names an instance that is not in this page");
    return Math.max(found, 0);
  }

  // Embedded in another page only the picture is shown, on a tour its text and the cards as well; in a quiz no valence is.
  mode(embedded, asked) {
    this.embedded = embedded;
    document.body.classList.toggle("embedded", embedded);
    this.quiz.ask(asked);
  }

  write() {
    const { path, guide, comparison } = this;
    const loop = path.loop === null ? "" : `;loop=${path.loop}`;
    const onTour = guide.tour && guide.tour.stops[guide.place].way === path.way() && guide.tour.stops[guide.place].loop === path.loop;
    const isRun = path.loop !== null || comparison.other || this.embedded || this.quiz.asked || this.shown.some((run) => run.trigger || run.beside);
    const step = comparison.other ? comparison.step : path.cursor;
    const whole = isRun && (comparison.other || step < path.length); // a run is more than the way to where we are
    const way = whole ? `${path.way(path.length)}${loop};at=${step}` : `${path.way()}${loop}`;
    const instance = this.page ? `;instance=${encodeURIComponent(this.data.instance)}` : "";
    const modes = `${this.embedded ? ";embed" : ""}${this.quiz.asked ? ";quiz" : ""}`;
    const tour = onTour && !comparison.other ? `;tour=${guide.number}.${guide.place}` : "";
    this.written = `#${way}${tour}${instance}${comparison.fragment}${modes}`;
    if (window.location.hash !== this.written) window.history.replaceState(null, "", this.written);
  }

  // Do something to the path and show what came of it.
  async visit(act, aloud = true) {
    this.steps.chosen = null;
    try {
      await act();
      await this.comparison.follow();
    } catch (error) {
      refuse(`that failed: ${error.message}`);
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
    else refuse("nothing of that kind was found");
  }

  jump(place) {
    if (place.loop !== null) this.atlas.view = "loop";
    return this.visit(async () => {
      await this.path.follow(place.way, place.loop);
      if (place.trigger) await this.path.go(place.trigger.at);
    });
  }

  get shown() {
    return foundAlong(this.data, this.path);
  }

  tell() {
    const { path, data, book } = this;
    const event = path.cursor ? path.eventAt(path.cursor - 1).t : data.roots[path.initial].text;
    const valence = this.tags ? `, ${valenceWords(book.valence(path.here))}` : "";
    announce(`step ${path.cursor}: ${cut(event, 200)}${valence}; ${counted(path.here.steps.length, "next step")}`);
  }

  render() {
    this.write();
    this.cards.render();
    this.steps.render();
    this.track.render();
    this.guide.render();
    this.quiz.render();
    this.comparison.render();
    this.atlas.render();
    document.body.dataset.configuration = this.path.here.id;
  }
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
