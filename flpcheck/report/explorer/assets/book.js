"use strict";
// The book of configurations: tables that chunks fill, and configurations made from them on demand.

const CRITICAL = 1, DISAGREEING = 2, UNEXPANDED = 4, INITIAL = 8, ELSEWHERE = 16;

class Book {
  constructor(fetchMore) {
    this.fetchMore = fetchMore; // null in a file: what is not here, is not
    this.tables = { values: [], kinds: [], parts: [], events: [], valences: [], pictures: [], posts: [] };
    this.configurations = new Map();
  }

  absorb(chunk) {
    for (const [name, table] of Object.entries(this.tables)) for (const row of chunk[name] || []) table.push(row);
    const width = chunk.ids.length ? chunk.of.length / chunk.ids.length : 0;
    chunk.ids.forEach((id, place) => {
      const known = this.configurations.get(id);
      if (known && known.out) return;
      this.configurations.set(id, new Configuration(this, chunk, place, width));
    });
  }

  get(id) {
    return this.configurations.get(id);
  }

  // A configuration with its next steps, asked for if the page can ask.
  async opened(id) {
    const known = this.get(id);
    if ((known && known.out) || !this.fetchMore) return known;
    this.absorb(await this.fetchMore(id, this.tables));
    return this.get(id);
  }

  event(number) {
    return this.tables.events[number];
  }

  valence(configuration) {
    return this.tables.valences[configuration.valence];
  }
}

class Configuration {
  constructor(book, chunk, place, width) {
    this.book = book;
    this.id = chunk.ids[place];
    this.parts = chunk.of.slice(place * width, (place + 1) * width);
    this.valence = chunk.valence[place];
    this.flags = chunk.flags[place];
    this.depth = chunk.depth[place];
    this.gauges = (chunk.gauges || []).map((column) => column[place]);
    this.scenes = (chunk.scenes || []).map((column) => column[place]);
    this.picture = chunk.picture ? chunk.picture[place] : -1;
    this.out = place < chunk.expanded ? chunk.out[place] : null;
    this.post = chunk.post && place < chunk.expanded ? chunk.post[place] : null; // what is sent in each step and lies in no mailbox
  }

  is(flag) {
    return (this.flags & flag) !== 0;
  }

  part(place) {
    return this.book.tables.parts[this.parts[place]];
  }

  // The next steps: [{position, target, event}], in the order that `flpcheck replay --path` numbers them.
  get steps() {
    const found = [];
    const out = this.out || [];
    for (let i = 0; i < out.length; i += 2) {
      found.push({ position: i / 2, target: out[i], event: this.book.event(out[i + 1]) });
    }
    return found;
  }

  get targets() {
    return [...new Set((this.out || []).filter((_, place) => place % 2 === 0))];
  }

  decided() {
    const found = [];
    this.parts.forEach((_, place) => {
      const values = this.part(place).d;
      if (values) found.push([place, values]);
    });
    return found;
  }
}
