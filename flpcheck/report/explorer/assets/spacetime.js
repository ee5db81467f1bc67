"use strict";
// The path as a space-time diagram: processes as lines, time downwards, each message from where it was sent to where it
// was received.  It is built once for a path and a width; `show` says up to which moment it is seen.

const RUN = { left: 62, dx: 92, top: 44, gutter: 300, edge: 80, tip: 8, stub: 24, pale: 0.15 };
const ANGLES = [35, 145, 60, 120, 80, 100];

class RunPicture {
  constructor(app, room) {
    this.app = app;
    this.key = RunPicture.key(app, room);
    const { data } = app, rows = new Rows(app), given = app.shown.find((run) => run.run);
    this.titles = given ? given.run.titles : app.path.positions.map((_, place) => app.path.eventAt(place).t);
    this.rows = rows;
    this.flights = followed(app);
    this.lands = (flight) => flight.received !== null && !flight.lost;
    const dx = Math.min(RUN.dx, Math.max(32, (room - RUN.left - RUN.edge) / Math.max(1, data.processes - 1)));
    const columns = Array.from({ length: data.processes }, (_, place) => RUN.left + dx * place);
    this.right = columns[columns.length - 1] || RUN.left;
    this.wide = room >= this.right + RUN.gutter;
    const sources = this.flights.filter((one) => one.sent > 0 && !rows.rows[rows.of[one.sent]].who.includes(one.sender));
    const dots = [...rows.dots, ...sources.map((one) => [rows.of[one.sent], one.sender])];
    const arrows = this.flights.filter(this.lands).map((one) => rows.arrow(one));
    const round = rows.rows.some(({ event }) => event && event.k === "round");
    this.spacing = spaced(columns, rows.rows.length - 1, dots, arrows, round ? 2 * LEAST : LEAST);
    this.marks = []; // {since: row, node}
    this.messages = []; // {received: row, path, text}
    this.svg = this.drawn(dx);
    this.show(app.path.cursor);
  }

  static key({ path }, room) {
    return `${path.initial}:${path.positions.join(".")}:${path.loop}:${room}`;
  }

  at([row, column]) {
    return [this.spacing.columns[column], this.spacing.rows[row] + RUN.top];
  }

  get bottom() {
    return this.spacing.rows[this.spacing.rows.length - 1] + RUN.top + 22;
  }

  drawn(dx) {
    const { data, path } = this.app;
    const lives = data.names.slice(0, data.processes).map((name, process) => this.life(name, process, dx));
    const flights = this.flights.filter(this.lands).map((flight) => this.flight(flight));
    const names = this.names(), stubs = this.stubs();
    const moments = this.rows.rows.slice(1).map((row, place) => this.moment(row, place + 1));
    const loop = path.loop !== null && path.loop < path.length ? this.loop() : "";
    this.carrier = draw("g", { class: "carrier", "aria-hidden": "true" });
    const width = this.wide ? this.right + RUN.gutter + 30 : this.right + RUN.edge;
    return draw("svg", { viewBox: `0 0 ${width} ${this.bottom + 8}`, "data-width": width, role: "group", class: "run",
      "aria-label": "the path as a space-time diagram" }, arrowHead("arrow"), lives, loop, flights, names, stubs, moments, this.carrier);
  }

  mark(since, node) {
    this.marks.push({ since, node });
    return node;
  }

  life(name, process, dx) {
    const { book, path } = this.app, [x, top] = this.at([0, process]);
    const short = cut(name, Math.max(3, Math.floor(dx / 8)));
    const pieces = [draw("text", { x, y: 16, class: "column-name", "text-anchor": "middle" }, draw("title", {}, name), short)];
    const down = (step) => Boolean(book.get(path.ids[step]).part(process).x);
    const ends = [...this.rows.of.keys()].filter((step) => step === 0 || down(step) !== down(step - 1));
    ends.forEach((step, place) => {
      const dies = this.rows.rows.findIndex((row) => row.step === step && row.crashes && row.who.includes(process));
      const row = step && down(step) && dies >= 0 ? dies : this.rows.of[step];
      const begin = step ? this.at([row, process])[1] : top - 18;
      const next = ends[place + 1], end = next === undefined ? this.bottom : this.at([this.rows.of[next], process])[1];
      pieces.push(draw("line", { x1: x, y1: begin, x2: x, y2: end, class: down(step) ? "life dead" : "life" }));
    });
    return draw("g", {}, pieces);
  }

  flight(flight) {
    const arrow = this.rows.arrow(flight), raised = corners(this.spacing, arrow).map(([x, y]) => [x, y + RUN.top]);
    const d = pathOf(shortenedWay(raised, RUN.tip));
    const path = draw("path", { d, "marker-end": "url(#arrow)" });
    this.messages.push({ received: arrow[1][0], path, text: this.text(flight.message) });
    return this.mark(arrow[1][0], draw("g", { class: "flight" }, draw("title", {}, this.words(flight)), path));
  }

  text(message) {
    return typeof message === "string" ? message : this.app.cards.values.text(message);
  }

  words({ sender, receiver, message, lost }) {
    const [from, to] = [sender, receiver].map((place) => this.app.data.names[place]);
    return `${this.text(message)} from ${from} to ${to}${lost ? ": lost" : ""}`;
  }

  // One arrow of each broadcast is named, where the name meets no dot, no other arrow and no other name.
  names() {
    const lines = this.flights.filter(this.lands).map((flight) => {
      const arrow = this.rows.arrow(flight);
      return { flight, arrow, line: flattened(corners(this.spacing, arrow)).map(([x, y]) => [x, y + RUN.top]) };
    });
    const dots = this.spacing.dots.map((dot) => this.at(dot)), taken = [], said = new Set();
    return lines.map(({ flight, arrow, line }) => {
      const text = cut(this.text(flight.message), 20), name = `${arrow[0]} ${text}`;
      if (said.has(name)) return "";
      const spot = roomFor(line, 6.2 * text.length + 6, dots, lines.filter((one) => one.line !== line).map((one) => one.line), taken);
      if (!spot) return "";
      said.add(name);
      taken.push([...spot, 6.2 * text.length + 6]);
      return this.mark(arrow[1][0], draw("text", { x: spot[0], y: spot[1], class: "message", "text-anchor": "middle",
        "dominant-baseline": "central" }, text));
    });
  }

  // What does not arrive: one stub at a dot for all copies of one fate, away from the arrows there.
  stubs() {
    const groups = new Map();
    for (const flight of this.flights.filter((one) => !this.lands(one))) {
      const spot = [this.rows.of[flight.sent], flight.sender], key = `${spot} ${flight.lost}`;
      if (!groups.has(key)) groups.set(key, { spot, lost: flight.lost, flights: [] });
      groups.get(key).flights.push(flight);
    }
    const used = new Map();
    return [...groups.values()].map(({ spot, lost, flights }) => {
      const mine = used.get(String(spot)) || [], angle = this.free(spot, mine);
      used.set(String(spot), [...mine, angle]);
      return this.mark(spot[0], this.stub(this.at(spot), angle, lost, flights.map((one) => this.words(one)).join("; ")));
    });
  }

  free(spot, used) {
    const taken = [...used];
    for (const flight of this.flights.filter(this.lands)) {
      const arrow = this.rows.arrow(flight), way = corners(this.spacing, arrow);
      if (sameSpot(arrow[0], spot)) taken.push(degrees(way[0], way[1]));
      else if (sameSpot(arrow[1], spot)) taken.push(degrees(way[way.length - 1], way[way.length - 2]));
    }
    const gap = (angle) => Math.min(360, ...taken.map((one) => Math.abs(((((angle - one + 180) % 360) + 360) % 360) - 180)));
    return ANGLES.reduce((best, angle) => (gap(angle) > gap(best) ? angle : best));
  }

  stub([x, y], angle, lost, words) {
    const [across, down] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
    const end = { x: x + RUN.stub * across, y: y + RUN.stub * down };
    return draw("g", { class: `flight pending${lost ? " lost-one" : ""}` }, draw("title", {}, words),
      draw("path", { d: `M${x + 7 * across} ${y + 7 * down}L${end.x} ${end.y}` }),
      lost ? cross(end, "lost", 3.5) : draw("circle", { cx: end.x, cy: end.y, r: 2.6 }));
  }

  moment({ step, who, crashes, event }, row) {
    const { app } = this, { path } = app, told = path.eventAt(step - 1), [, y] = this.at([row, 0]);
    const group = draw("g", { class: "moment", "data-row": step, role: "button", tabindex: "-1", "aria-label": `step ${step}: ${this.titles[step - 1]}`,
      onclick: () => app.visit(() => path.go(step)) }, draw("title", {}, this.titles[step - 1]));
    if (event) {
      group.append(draw("text", { x: 10, y, class: "row-number", "dominant-baseline": "central" }, String(step)));
      if (this.wide) group.append(this.sentence(this.titles[step - 1], y));
      if (!who.length) group.append(draw("rect", { x: RUN.left - 32, y: y - 4, width: 8, height: 8, class: "world" }));
    }
    for (const process of who) group.append(...this.dot(step, process, this.at([row, process]), told.k, crashes));
    return this.mark(row, group);
  }

  sentence(title, y) {
    const lines = wrapped(title, 46);
    return draw("text", { class: "sentence", "dominant-baseline": "central" }, lines.map((line, place) =>
      draw("tspan", { x: this.right + 40, y: y + 13 * (place - (lines.length - 1) / 2) }, line)));
  }

  dot(step, process, [x, y], kind, crashes) {
    if (crashes) return [cross({ x, y }, "crash")];
    const value = newDecision(this.app, step - 1, process), drawn = [];
    if (value !== undefined) drawn.push(draw("circle", { cx: x, cy: y, r: 8.5, class: "ring" }));
    drawn.push(draw("circle", { cx: x, cy: y, r: 5.5, class: ["start", "timeout"].includes(kind) ? "own-step" : "" }));
    if (value !== undefined) {
      const text = cut(`decides ${value}`, 18);
      drawn.push(draw("text", { x: x + 11, y: y + 12, class: "decides-text", "dominant-baseline": "central" }, text));
    }
    return drawn;
  }

  loop() {
    const { path } = this.app, last = this.rows.rows.length - 1;
    const [upper, lower] = [this.at([this.rows.of[path.loop], 0])[1] + 12, this.at([last, 0])[1] + 14], x = this.right + 24;
    const across = [upper, lower].map((y) => draw("line", { x1: RUN.left - 24, y1: y, x2: x, y2: y }));
    return this.mark(last, draw("g", { class: "again" }, draw("title", {}, "from here on, for ever"), across,
      draw("path", { d: `M${x} ${lower}L${x} ${upper}`, "marker-end": "url(#arrow)" })));
  }

  // Mark a step, which is the first one that another run does not share.
  band(step) {
    if (step > this.app.path.length) return;
    const y = this.at([this.rows.of[step], 0])[1], width = this.wide ? this.right + RUN.gutter + 26 : this.right + RUN.edge - 4;
    const rect = draw("rect", { x: 2, y: y - 13, width, height: 26, rx: 6 });
    this.svg.querySelector("defs").after(draw("g", { class: "parts" }, draw("title", {}, "the first step in which the two runs differ"), rect));
  }

  // Show the run up to a moment, counted in steps; in between the messages of the next step travel.
  show(time, travels = true) {
    const { path } = this.app, step = Math.min(Math.floor(time), path.length), row = this.rows.of[step];
    for (const { since, node } of this.marks) node.style.opacity = since <= row ? "" : RUN.pale;
    for (const node of this.svg.querySelectorAll(".moment")) node.classList.toggle("now", Number(node.dataset.row) === step);
    const next = travels && time > step && step < path.length ? this.rows.of[step + 1] : -1;
    const moving = this.messages.filter((one) => one.received === next);
    clear(this.carrier, moving.map((one) => this.message(one, time - step)));
  }

  message({ path, text }, share) {
    const eased = share * share * (3 - 2 * share), spot = path.getPointAtLength(path.getTotalLength() * eased);
    const short = cut(text, 24), width = 6.4 * short.length + 12;
    return draw("g", { transform: `translate(${spot.x} ${spot.y})` }, draw("circle", { r: 5 }),
      draw("rect", { x: -width / 2, y: -26, width, height: 17, rx: 8.5 }),
      draw("text", { y: -17.5, "text-anchor": "middle", "dominant-baseline": "central" }, short));
  }
}

function cross(spot, kind, arm = 6) {
  const [l, r, t, b] = [spot.x - arm, spot.x + arm, spot.y - arm, spot.y + arm];
  return draw("path", { d: `M${l} ${t}L${r} ${b}M${r} ${t}L${l} ${b}`, class: kind });
}

function degrees(start, end) {
  return (Math.atan2(end[1] - start[1], end[0] - start[0]) * 180) / Math.PI;
}

// The middle of a box on a line that meets nothing else, or null.
function roomFor(line, width, dots, others, taken) {
  for (const share of [0.5, 0.4, 0.6, 0.3, 0.7]) {
    const [x, y] = pointOf(line, share);
    const meets = dots.some(([a, b]) => Math.abs(x - a) < width / 2 + 12 && Math.abs(y - b) < 16)
      || taken.some(([a, b, wide]) => Math.abs(x - a) < (width + wide) / 2 + 4 && Math.abs(y - b) < 14)
      || others.some((other) => [-0.5, -0.25, 0, 0.25, 0.5].some((part) => distance([x + width * part, y], other) <= 8));
    if (!meets) return [x, y];
  }
  return null;
}

function pointOf(line, share) {
  const lengths = line.slice(1).map(([x, y], place) => Math.hypot(x - line[place][0], y - line[place][1]));
  let rest = share * lengths.reduce((sum, one) => sum + one, 0);
  for (let place = 0; place < lengths.length; place += 1) {
    const [[a, b], [c, d]] = [line[place], line[place + 1]];
    if (lengths[place] >= rest && lengths[place]) return [a + ((c - a) * rest) / lengths[place], b + ((d - b) * rest) / lengths[place]];
    rest -= lengths[place];
  }
  return line[line.length - 1];
}

// At most two lines of a sentence.
function wrapped(text, limit) {
  if (text.length <= limit) return [text];
  const at = text.lastIndexOf(" ", limit), place = at > 0 ? at : limit;
  return [text.slice(0, place), cut(text.slice(place).trim(), limit)];
}
