"use strict";
// The path: an initial configuration and the steps taken, a cursor on it, and paths that were left by forking.

class Path {
  constructor(book, roots) {
    this.book = book;
    this.roots = roots;
    this.others = []; // ways that were left, the latest first
    this.start(0);
  }

  start(initial) {
    this.initial = initial;
    this.ids = [this.roots[initial].id];
    this.positions = [];
    this.cursor = 0;
    this.loop = null;
  }

  get here() {
    return this.book.get(this.ids[this.cursor]);
  }

  get before() {
    return this.cursor ? this.book.get(this.ids[this.cursor - 1]) : null;
  }

  get length() {
    return this.positions.length;
  }

  way(end = this.cursor) {
    return `${this.initial}:${this.positions.slice(0, end).join(".")}`;
  }

  eventAt(place) {
    const out = this.book.get(this.ids[place]).out;
    return this.book.event(out[2 * this.positions[place] + 1]);
  }

  // Go along a way; where it cannot be followed it ends, and the answer is false.
  async follow(text, loop = null) {
    const found = /^(\d+):((?:\d+(?:\.\d+)*)?)$/.exec(text);
    if (!found || Number(found[1]) >= this.roots.length) return false;
    const positions = found[2] ? found[2].split(".").map(Number) : [];
    this.start(Number(found[1]));
    for (const position of positions) {
      const here = await this.book.opened(this.ids[this.cursor]);
      if (!here || !here.out || 2 * position >= here.out.length) return false;
      this.push(here, position);
    }
    await this.book.opened(this.ids[this.cursor]);
    this.loop = loop !== null && loop <= this.length ? loop : null;
    return true;
  }

  push(here, position) {
    this.positions.push(position);
    this.ids.push(here.out[2 * position]);
    this.cursor = this.positions.length;
  }

  // Take a step.  One that differs from what came next leaves the rest of the path, which is kept among the others.
  async step(position) {
    const here = await this.book.opened(this.ids[this.cursor]);
    if (!here.out || 2 * position >= here.out.length) return false;
    if (this.positions[this.cursor] === position) this.cursor += 1;
    else {
      this.fork();
      this.push(here, position);
    }
    await this.book.opened(this.ids[this.cursor]);
    return true;
  }

  // Leave what lies ahead.
  fork() {
    if (this.cursor < this.length) {
      const left = this.way(this.length);
      this.others = [left, ...this.others.filter((other) => other !== left)].slice(0, 8);
    }
    this.positions.length = this.cursor;
    this.ids.length = this.cursor + 1;
    this.loop = null;
  }

  async go(place) {
    this.cursor = Math.max(0, Math.min(place, this.length));
    await this.book.opened(this.ids[this.cursor]);
  }

  // The shortest way among the configurations that are here: onward from where we are if possible.
  async goTo(id) {
    const place = this.ids.lastIndexOf(id);
    if (place >= 0) return this.go(place);
    const onward = this.search(new Map([[this.ids[this.cursor], []]]), id, 3);
    if (onward) {
      for (const position of onward.positions) await this.step(position);
      return undefined;
    }
    const starts = new Map(this.roots.map((root) => [root.id, []]));
    const found = this.search(starts, id, Infinity);
    if (!found) return undefined;
    const root = this.roots.findIndex((candidate) => candidate.id === found.root);
    return this.follow(`${root}:${found.positions.join(".")}`);
  }

  search(starts, goal, depth) {
    const isGoal = typeof goal === "function" ? goal : (id) => id === goal;
    const came = new Map([...starts.keys()].map((start) => [start, null]));
    let level = [...came.keys()];
    for (let away = 0; level.length && away <= depth; away += 1) {
      const next = [];
      for (const number of level) {
        if (isGoal(number)) return this.traced(came, number);
        const out = this.book.get(number).out || [];
        for (let i = 0; i < out.length; i += 2) {
          if (!came.has(out[i])) {
            came.set(out[i], [number, i / 2]);
            next.push(out[i]);
          }
        }
      }
      level = next;
    }
    return null;
  }

  traced(came, id) {
    const positions = [];
    let number = id;
    while (came.get(number)) {
      const [source, position] = came.get(number);
      positions.unshift(position);
      number = source;
    }
    return { root: number, positions };
  }
}
