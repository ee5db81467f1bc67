"use strict";
// Values as text, with what has changed marked however deep it lies: equal numbers are equal values.

const TUPLE = -1, SET = -2;

class Values {
  constructor(tables) {
    this.tables = tables;
  }

  kind(number) {
    const row = this.tables.values[number];
    return Array.isArray(row) && row[0] >= 0 ? this.tables.kinds[row[0]] : null;
  }

  text(number) {
    const row = this.tables.values[number];
    if (!Array.isArray(row)) return row;
    const parts = row.slice(1).map((part) => this.text(part));
    if (row[0] === SET) return `{${parts.join(", ")}}`;
    if (row[0] === TUPLE) return parts.length === 1 ? `(${parts[0]},)` : `(${parts.join(", ")})`;
    return `${this.tables.kinds[row[0]][0]}(${parts.join(", ")})`;
  }

  // The fields of a record: [[name, number]]; a plain value is one field without a name.
  fields(number) {
    const kind = this.kind(number);
    if (!kind) return [["", number]];
    return this.tables.values[number].slice(1).map((part, place) => [kind[place + 1], part]);
  }

  // Nodes that show a value; `before` is what it was, undefined where there is nothing to compare with.
  shown(number, before) {
    if (before === undefined || number === before) return [this.text(number)];
    const now = this.tables.values[number], then = this.tables.values[before];
    if (Array.isArray(now) && Array.isArray(then) && now[0] === then[0]) {
      if (now[0] === SET) return this.shownSet(now.slice(1), then.slice(1));
      if (now.length === then.length && now.length > 1) return this.shownParts(now, then);
    }
    return [el("del", {}, this.text(before)), el("span", { "aria-hidden": "true" }, " → "), el("ins", {}, this.text(number))];
  }

  shownParts(now, then) {
    const open = now[0] === TUPLE ? "(" : `${this.tables.kinds[now[0]][0]}(`;
    const parts = now.slice(1).map((part, place) => [place ? ", " : "", ...this.shown(part, then[place + 1])]);
    return [open, ...parts.flat(), now[0] === TUPLE && now.length === 2 ? ",)" : ")"];
  }

  shownSet(now, then) {
    const gone = then.filter((part) => !now.includes(part));
    const marked = [
      ...gone.map((part) => el("del", {}, this.text(part))),
      ...now.map((part) => (then.includes(part) ? this.text(part) : el("ins", {}, this.text(part)))),
    ];
    return ["{", ...marked.flatMap((part, place) => (place ? [", ", part] : [part])), "}"];
  }
}
