"use strict";
// The path as a space-time diagram: processes as lines, time downwards, each message from where it was sent to where it
// was received; what is still under way ends as a stub.

const TIME = { dx: 92, dy: 40, top: 46, left: 76 };

function spaceTime(app) {
  const { data, path } = app;
  const at = (process, row) => ({ x: TIME.left + process * TIME.dx, y: TIME.top + row * TIME.dy });
  const flights = followed(app);
  const rows = path.length;
  const lives = data.names.slice(0, data.processes).map((name, process) => life(app, name, process, at, rows));
  const named = new Set(); // of a broadcast one copy carries the text
  const drawn = flights.map((flight) => {
    const name = `${flight.sent} ${flight.sender} ${flight.message}`;
    const first = flight.received !== null && !named.has(name);
    if (first) named.add(name);
    return drawnFlight(app, flight, at, first);
  });
  const bands = path.positions.map((_, place) => (path.eventAt(place).k === "round" ? band(data, at, place + 1) : ""));
  const moments = path.positions.map((_, place) => moment(app, place, at));
  const width = TIME.left + (data.processes - 1) * TIME.dx + 70, height = TIME.top + rows * TIME.dy + 34;
  return draw("svg", { viewBox: `-6 0 ${width + 6} ${height}`, "data-width": width + 6, role: "group",
    "aria-label": "the path as a space-time diagram" }, arrowHead("arrow"), lives, bands, drawn, moments);
}

// A line across: at the end of a round all stand at the same place in time.
function band(data, at, row) {
  const [from, to] = [at(0, row), at(data.processes - 1, row)];
  return draw("line", { x1: from.x, y1: from.y, x2: to.x, y2: to.y, class: "band" });
}

// The messages of the path: [{sender, receiver, message, sent, received, lost}], rows counted from 0, the beginning.
function followed(app) {
  const { book, path, data } = app, flights = [];
  path.ids.forEach((id, row) => {
    const event = row ? path.eventAt(row - 1) : null;
    if (event) landed(flights, event, row);
    for (let receiver = 0; receiver < data.processes; receiver += 1) {
      const letters = book.get(id).part(receiver).m || [];
      const before = row ? book.get(path.ids[row - 1]).part(receiver).m || [] : [];
      for (const place of unmatched(letters, left(before, event, receiver))) {
        const [sender, message] = letters[place];
        flights.push({ sender, receiver, message, sent: row, received: null, lost: false });
      }
    }
  });
  return flights;
}

// What an event has left in a mailbox of what was there before.
function left(letters, event, receiver) {
  const rest = [...letters];
  for (const [sender, message] of taken(event, receiver)) {
    const place = rest.findIndex((letter) => letter[0] === sender && letter[1] === message);
    if (place >= 0) rest.splice(place, 1);
  }
  return rest;
}

function taken(event, receiver) {
  if (!event || event.p !== receiver || event.k === "duplicate") return [];
  return event.l || (event.v === undefined ? [] : [[event.f, event.v]]);
}

function landed(flights, event, row) {
  for (const [sender, message] of taken(event, event.p)) {
    const mine = flights.filter((one) => one.receiver === event.p && one.sender === sender && one.message === message);
    const flight = mine.find((one) => one.received === null) || mine[mine.length - 1];
    if (flight) Object.assign(flight, { received: row, lost: event.k === "lose" });
  }
}

function life(app, name, process, at, rows) {
  const { book, path } = app;
  const dead = path.ids.findIndex((id) => book.get(id).part(process).x);
  const [top, end, bottom] = [at(process, 0), at(process, dead < 0 ? rows : dead), at(process, rows)];
  return draw("g", {}, draw("text", { x: top.x, y: 16, class: "column-name", "text-anchor": "middle" }, cut(name, 14)),
    draw("line", { x1: top.x, y1: 24, x2: end.x, y2: end.y + (dead < 0 ? 16 : 0), class: "life" }),
    dead < 0 ? "" : draw("line", { x1: end.x, y1: end.y, x2: bottom.x, y2: bottom.y + 16, class: "life dead" }));
}

function drawnFlight(app, flight, at, named) {
  const start = at(flight.sender, flight.sent), landing = flight.received !== null;
  const end = landing ? at(flight.receiver, flight.received) : null;
  const goal = end || { x: start.x + Math.sign(flight.receiver - flight.sender) * 34, y: start.y + 15 };
  const length = Math.hypot(goal.x - start.x, goal.y - start.y) || 1, short = landing ? 8 : 0;
  const tip = { x: goal.x - (short * (goal.x - start.x)) / length, y: goal.y - (short * (goal.y - start.y)) / length };
  const later = flight.sent > app.path.cursor ? "later" : "";
  const text = cut(app.cards.values.text(flight.message), 20), share = 0.45;
  const group = draw("g", { class: `flight ${landing ? "" : "pending"} ${later}` },
    draw("title", {}, `${app.cards.values.text(flight.message)} from ${app.data.names[flight.sender]} to ${app.data.names[flight.receiver]}`),
    draw("path", { d: `M${start.x} ${start.y}L${tip.x} ${tip.y}`, "marker-end": "url(#arrow)" }));
  if (flight.lost) group.append(cross(tip, "lost"));
  if (named) {
    group.append(draw("text", { x: start.x + share * (tip.x - start.x), y: start.y + share * (tip.y - start.y) - 7, "text-anchor": "middle",
      "dominant-baseline": "central" }, text));
  }
  return group;
}

function cross(spot, kind) {
  const d = `M${spot.x - 6} ${spot.y - 6}L${spot.x + 6} ${spot.y + 6}M${spot.x + 6} ${spot.y - 6}L${spot.x - 6} ${spot.y + 6}`;
  return draw("path", { d, class: kind });
}

function moment(app, place, at) {
  const { path } = app, event = path.eventAt(place), row = place + 1;
  const state = row === path.cursor ? "now" : row > path.cursor ? "later" : "";
  const group = draw("g", { class: `moment ${state}`, "data-row": row, role: "button", tabindex: "-1",
    "aria-label": `step ${row}: ${event.t}`, onclick: () => app.visit(() => path.go(row)) },
  draw("title", {}, event.t), draw("text", { x: 10, y: at(0, row).y, class: "row-number", "dominant-baseline": "central" }, String(row)));
  for (const process of movers(app, event, place)) group.append(...dot(app, place, process, at(process, row), event.k));
  return group;
}

// Who takes a step: one process, all that live through a round and those that crash in it, or none.
function movers({ book, path, data }, event, place) {
  if (event.p >= 0) return [event.p];
  const before = book.get(path.ids[place]);
  return event.w && event.k !== "round" ? [] : [...Array(data.processes).keys()].filter((process) => !before.part(process).x);
}

function dot(app, place, process, spot, kind) {
  const { book, path } = app;
  const crashes = kind === "crash" || (kind === "round" && book.get(path.ids[place + 1]).part(process).x);
  const words = { start: "starts", timeout: "timer" }[kind] || (crashes ? "crashes" : "");
  const drawn = [crashes ? cross(spot, "crash") : draw("circle", { cx: spot.x, cy: spot.y, r: 5.5 })];
  if (words) drawn.push(draw("text", { x: spot.x - 9, y: spot.y - 9, "text-anchor": "end" }, words));
  const value = newDecision(app, place, process);
  if (value !== undefined) {
    drawn.push(draw("rect", { x: spot.x + 10, y: spot.y - 1, width: 14 + 7 * cut(value, 8).length, height: 17, rx: 4,
      class: `decides ${app.cards.colour(value)}` }),
    draw("text", { x: spot.x + 17, y: spot.y + 11.5, class: "decides-text" }, cut(value, 8)));
  }
  return drawn;
}

function newDecision({ book, path }, place, process) {
  const [then, now] = [path.ids[place], path.ids[place + 1]].map((id) => book.get(id).part(process).d || []);
  return now.find((value) => !then.includes(value));
}
