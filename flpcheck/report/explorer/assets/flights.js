"use strict";
// The messages of the path, followed from mailbox to mailbox, and which step stands in which row.

// [{sender, receiver, message, sent, received, lost}]; steps are counted from 1, 0 is the beginning.  Where messages are
// renamed along the path, they come with it.
function followed(app) {
  const { book, path, data } = app, flights = [], given = app.shown.find((run) => run.run);
  if (given) return given.run.flights;
  path.ids.forEach((id, step) => {
    const event = step ? path.eventAt(step - 1) : null;
    if (event) landed(flights, event, step);
    if (event) flights.push(...posted(app, step));
    for (let receiver = 0; receiver < data.processes; receiver += 1) {
      const letters = book.get(id).part(receiver).m || [];
      const before = step ? book.get(path.ids[step - 1]).part(receiver).m || [] : [];
      for (const place of unmatched(letters, left(before, event, receiver))) {
        const [sender, message] = letters[place];
        flights.push({ sender, receiver, message, sent: step, received: null, lost: false });
      }
    }
  });
  return flights;
}

// What is sent in a round is sent where the one before it ended.
function posted({ book, path }, step) {
  const { post } = book.get(path.ids[step - 1]);
  const letters = post ? book.tables.posts[post[path.positions[step - 1]]] : [];
  return letters.map(([sender, receiver, message, arrives]) => ({ sender, receiver, message, sent: step - 1, received: step, lost: !arrives }));
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

function landed(flights, event, step) {
  for (const [sender, message] of taken(event, event.p)) {
    const mine = flights.filter((one) => one.receiver === event.p && one.sender === sender && one.message === message);
    const flight = mine.find((one) => one.received === null) || mine[mine.length - 1];
    if (flight) Object.assign(flight, { received: step, lost: event.k === "lose" });
  }
}

// Who takes a step: one process, all that live through a round and those that crash in it, or none.
function movers({ book, path, data }, event, place) {
  if (event.p >= 0) return ["lose", "duplicate"].includes(event.k) ? [] : [event.p];
  const before = book.get(path.ids[place]);
  return event.w && event.k !== "round" ? [] : [...Array(data.processes).keys()].filter((process) => !before.part(process).x);
}

function newDecision({ book, path }, place, process) {
  const [then, now] = [path.ids[place], path.ids[place + 1]].map((id) => book.get(id).part(process).d || []);
  return now.find((value) => !then.includes(value));
}

// One row for each step; who crashes in a round has a row of its own before its end, because it is gone by then.
class Rows {
  constructor(app) {
    this.rows = [{ step: 0, who: [], crashes: false }];
    this.of = [0];
    app.path.positions.forEach((_, place) => {
      const event = app.path.eventAt(place), who = movers(app, event, place);
      const dies = (process) => Boolean(app.book.get(app.path.ids[place + 1]).part(process).x);
      const dead = event.k === "round" ? who.filter(dies) : [];
      if (dead.length) this.rows.push({ step: place + 1, who: dead, crashes: true });
      this.rows.push({ step: place + 1, who: who.filter((process) => !dead.includes(process)), crashes: event.k === "crash", event });
      this.of.push(this.rows.length - 1);
    });
  }

  get dots() {
    return this.rows.flatMap(({ who }, row) => who.map((process) => [row, process]));
  }

  arrow({ sender, receiver, sent, received }) {
    return [[this.of[sent], sender], [this.of[received], receiver]];
  }
}
