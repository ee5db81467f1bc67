"use strict";
// The map: what surrounds the current configuration, everything, classes of it, a loop, or the scenes of a story.

const NODE = { w: 54, h: 26, dx: 66, dy: 58 }; // as wide as the longest valence needs
const AROUND = { back: 3, ahead: 2, wide: 11 };
const LETTERS = 13;
const DRAWN = 300; // maximum number of configurations drawn one by one

class Atlas {
  constructor(app) {
    this.app = app;
    this.view = app.data.stories.some((story) => story.scenes.length) ? "story-0" : "around";
    this.zoom = 1;
    this.runs = []; // the pictures of the run, or of two
    const longest = Math.max(0, ...app.data.decisions.map((value) => value.length)) * 2 + 1;
    NODE.w = Math.max(54, Math.min(longest, LETTERS) * 8 + 14);
    NODE.dx = NODE.w + 12;
  }

  views() {
    const { data, book, path } = this.app;
    const found = [["around", "Around here"]];
    if (data.whole && book.configurations.size <= DRAWN) found.push(["whole", "Everything"]);
    found.push(["classes", "Classes"]);
    if (data.processes > 1 && (!data.renames || this.app.shown.some((run) => run.run))) found.push(["run", "Space-time"]);
    if (path.loop !== null) found.push(["loop", "The loop"]);
    data.stories.forEach((story, place) => {
      if (story.scenes.length) found.push([`story-${place}`, story.name]);
    });
    return found;
  }

  show(view) {
    this.view = view;
    this.zoom = 1;
    this.render();
  }

  render() {
    const views = this.views();
    if (!views.some(([name]) => name === this.view)) this.view = "around";
    const tabs = views.map(([name, label]) => el("button", {
      type: "button", "aria-pressed": String(name === this.view), "data-view": name, onclick: () => this.show(name),
    }, label));
    const zoom = [["−", 0.8, "smaller"], ["+", 1.25, "larger"]].map(([sign, factor, words]) => el("button", {
      type: "button", class: "round", "aria-label": words, onclick: () => this.scale(factor),
    }, sign));
    clear(byId("views"), tabs, compareMenu(this.app), el("span", { class: "zoom" }, zoom));
    const drawn = this.drawn();
    if (byId("map").firstChild !== drawn) clear(byId("map"), drawn);
    this.scale(1);
    clear(byId("legend"), this.legend());
    this.app.player.render();
  }

  scale(factor) {
    this.zoom = Math.max(0.3, Math.min(4, this.zoom * factor));
    for (const picture of byId("map").querySelectorAll("svg")) {
      const frame = picture.closest("figure") || byId("map");
      const room = frame.clientWidth, width = Number(picture.dataset.width);
      const fits = (this.view === "run" || this.view.startsWith("story-")) && width > room ? Math.max(room / width, 0.55) : 1;
      picture.style.width = `${width * fits * this.zoom}px`;
      const here = picture.querySelector(".here, .now");
      if (here) centre(frame, here);
    }
  }

  drawn() {
    if (this.view === "classes") return this.classes();
    if (this.view === "run") return this.runPicture();
    if (this.view.startsWith("story-")) return drawnStory(this.app, Number(this.view.slice(6)));
    return this.configurations();
  }

  // The space-time diagram: built again for another path or another width only.
  runPicture() {
    const room = byId("map").clientWidth - 4, { comparison } = this.app;
    if (comparison.other) {
      const { runs, node } = comparison.pictures(room);
      this.runs = runs;
      return node;
    }
    const [run] = this.runs;
    if (this.runs.length !== 1 || run.key !== RunPicture.key(this.app, room)) this.runs = [new RunPicture(this.app, room)];
    else run.show(this.app.path.cursor);
    return this.runs[0].svg;
  }

  configurations() {
    const { path } = this.app;
    const { ids, edges, at } = this[this.view]();
    const onPath = new Set(path.ids.slice(0, path.cursor + 1));
    const taken = new Set(path.ids.slice(1).map((id, place) => `${path.ids[place]}-${id}`));
    const spots = shifted(at);
    const connect = this.view === "loop" ? straight : line;
    const lines = edges.map((edge) => connect(spots.get(edge.from), spots.get(edge.to), {
      class: `${taken.has(`${edge.from}-${edge.to}`) ? "taken" : ""} ${edge.world ? "world" : ""} ${edge.loops ? "loops" : ""}`, label: edge.label,
      bow: edges.some((other) => other.from === edge.to && other.to === edge.from) ? 30 : 0,
    }));
    const nodes = ids.map((id) => this.node(id, spots.get(id), onPath.has(id)));
    return canvas(spots, [lines, nodes], `The configurations around the current one${this.app.tags ? ", coloured by valence" : ""}`, this.view === "loop" ? 48 : 0);
  }

  node(id, spot, onPath) {
    const { app } = this;
    const configuration = app.book.get(id), valence = app.book.valence(configuration);
    const flags = [...(app.tags ? [[CRITICAL, "critical"]] : []), [DISAGREEING, "alarm"], [UNEXPANDED, "open"], [ELSEWHERE, "open"]];
    const marks = flags.filter(([flag]) => configuration.is(flag)).map(([, name]) => name);
    const current = id === app.path.here.id;
    const mark = app.tags ? cut(valence.kind === "none" ? "–" : valence.name, LETTERS) : String(id);
    const words = app.tags ? `, ${valenceWords(valence)}` : "";
    const group = draw("g", {
      class: `node ${app.tags ? valenceClass(valence) : "v-plain"} ${marks.join(" ")} ${onPath ? "on-path" : ""}${current ? " here" : ""}`,
      role: "button", tabindex: current ? "0" : "-1", "data-id": id, transform: `translate(${spot.x} ${spot.y})`,
      "aria-label": `configuration ${id}${words}${marks.length ? `, ${marks.join(", ")}` : ""}`,
      onclick: () => app.visit(() => app.path.goTo(id)),
    }, box(NODE.w, NODE.h));
    if (marks.includes("critical")) group.append(box(NODE.w - 6, NODE.h - 6, "inner"));
    if (app.shown.some((run) => run.trigger && app.path.ids[run.trigger.at] === id)) {
      group.classList.add("trigger");
      if (this.view === "loop") group.append(draw("text", { x: NODE.w / 2 + 8, class: "small", "dominant-baseline": "central" }, "trigger"));
    }
    group.append(draw("title", {}, `configuration ${id}${words}`), caption(0, mark, "mark"));
    return group;
  }

  around() {
    const { book, path } = this.app;
    const layer = new Map(), edges = [];
    const first = Math.max(0, path.cursor - AROUND.back);
    const sizes = new Map();
    const add = (id, at) => {
      const size = sizes.get(at) || 0;
      if (layer.has(id) || size >= AROUND.wide) return;
      sizes.set(at, size + 1);
      layer.set(id, at);
    };
    for (let place = first; place <= path.cursor; place += 1) add(path.ids[place], place);
    let rim = [path.here];
    for (let away = 1; away <= AROUND.ahead; away += 1) {
      rim.forEach((c) => this.telling(c).forEach((id) => add(id, path.cursor + away)));
      rim = [...layer].filter(([, at]) => at === path.cursor + away).map(([id]) => book.get(id));
    }
    if (path.before) this.telling(path.before).forEach((id) => add(id, path.cursor));
    const digits = new Map(path.here.steps.map((step, place) => [step.target, place + 1]).reverse());
    for (const id of layer.keys()) {
      for (const edge of outgoing(book.get(id))) {
        if (layer.has(edge.to) && layer.get(edge.to) > layer.get(id) - 2) edges.push({ ...edge, label: id === path.here.id ? String(digits.get(edge.to)) : "" });
      }
    }
    return { ids: [...layer.keys()], edges, at: layered([...layer].map(([id, at]) => ({ id, layer: at })), edges) };
  }

  // Successors, those first whose valence differs: there the outcome turns.
  telling(configuration) {
    const same = (id) => Number(this.app.book.get(id).valence === configuration.valence);
    return [...configuration.targets].sort((a, b) => same(a) - same(b));
  }

  whole() {
    const all = [...this.app.book.configurations.values()];
    const edges = all.flatMap(outgoing);
    return { ids: all.map((c) => c.id), edges, at: layered(all.map((c) => ({ id: c.id, layer: c.depth })), edges) };
  }

  loop() {
    const { book, path } = this.app;
    const stem = [...new Set(path.ids.slice(0, path.loop))];
    const loop = [...new Set(path.ids.slice(path.loop))];
    const ids = [...new Set([...stem, ...loop])];
    const edges = path.ids.slice(1).map((id, place) => ({ from: path.ids[place], to: id, label: String(place + 1), loops: place >= path.loop }));
    if (path.loop === path.length) edges.push({ from: loop[0], to: loop[0], label: "", loops: true });
    return { ids, edges, at: lassoed(stem.filter((id) => !loop.includes(id)), loop), book };
  }

  classes() {
    const { app } = this, { nodes, steps } = app.data.classes;
    const edges = steps.map(([from, to, count, world]) => ({ from, to, count, world }));
    const rank = ranks(nodes.length, edges);
    const spots = shifted(layered(nodes.map((_, id) => ({ id, layer: rank[id] })), edges), 2.1, 1.35);
    const lines = edges.map((edge) => line(spots.get(edge.from), spots.get(edge.to), {
      class: edge.world ? "world" : "", half: 24, title: `${edge.count} transitions`,
    }));
    const drawn = nodes.map((node, place) => this.classNode(node, spots.get(place)));
    return canvas(spots, [lines, drawn], `Classes of configurations alike in ${app.data.classes.by.join(", ")}`, 60);
  }

  classNode(node, spot) {
    const { app } = this;
    const valence = app.book.tables.valences[node.valence];
    const colour = app.tags ? valenceClass(valence) : "v-plain";
    const lines = [counted(node.count, "configuration"), ...node.lines];
    const mark = app.tags ? cut(valence.name, 12) : "";
    return draw("g", {
      class: `node ${colour}`, role: "button", tabindex: "0", transform: `translate(${spot.x} ${spot.y})`,
      "data-way": node.way, "aria-label": [mark, ...lines].filter(Boolean).join(", "), onclick: () => app.visit(() => app.path.follow(node.way)),
    }, box(124, 48), draw("title", {}, lines.join("; ")), caption(-13, mark, "mark"),
    caption(2, cut(lines[0], 22), "small"), caption(14, cut(lines.slice(1).join(", "), 24), "small"));
  }

  legend() {
    const { app } = this, { book } = app;
    if (!app.tags || this.view === "run") return [];
    const kinds = [...new Map(book.tables.valences.map((v) => [valenceClass(v), v])).values()];
    const chips = kinds.map((v) => el("li", {}, chip(v), ` ${valenceWords(v).split(":")[0]}`));
    const marks = [["critical", "critical: every step of a process settles the outcome"], ["alarm", "two decisions"], ["open", "not expanded here"]];
    const items = marks.map(([name, words]) => el("li", { title: TERMS[name] || null }, el("span", { class: `swatch ${name}`, "aria-hidden": "true" }), words));
    return [el("ul", {}, chips, items)];
  }
}

// A class stands below all those that lead to it and were found before it.
function ranks(count, edges) {
  const rank = new Array(count).fill(0);
  const forward = edges.filter((edge) => edge.from < edge.to).sort((a, b) => a.from - b.from);
  for (const edge of forward) rank[edge.to] = Math.max(rank[edge.to], rank[edge.from] + 1);
  return rank;
}

function outgoing(configuration) {
  const seen = new Map();
  for (const step of configuration.steps) {
    const world = Boolean(step.event.w) && (!seen.has(step.target) || seen.get(step.target).world);
    seen.set(step.target, { from: configuration.id, to: step.target, world });
  }
  return [...seen.values()];
}

// Positions in pixels, the leftmost and topmost at the margin.
function shifted(at, wide = 1, high = 1) {
  const left = Math.min(...[...at.values()].map((spot) => spot.x));
  const found = new Map();
  for (const [id, spot] of at) {
    found.set(id, { x: (spot.x - left) * NODE.dx * wide, y: spot.y * NODE.dy * high });
  }
  const top = Math.min(...[...found.values()].map((spot) => spot.y));
  for (const spot of found.values()) spot.y -= top;
  return found;
}

function canvas(spots, children, label, margin = 0) {
  const right = Math.max(...[...spots.values()].map((spot) => spot.x));
  const bottom = Math.max(...[...spots.values()].map((spot) => spot.y));
  const half = NODE.w / 2 + 12 + margin, top = NODE.h / 2 + 14 + margin / 4;
  const size = { width: right + 2 * half, height: bottom + 2 * top };
  return draw("svg", {
    viewBox: `${-half} ${-top} ${size.width} ${size.height}`, "data-width": size.width, role: "group", "aria-label": label,
  }, arrowHead("arrow"), children);
}

function box(width, height, extra = "") {
  return draw("rect", { x: -width / 2, y: -height / 2, width, height, rx: 7, class: extra || "body" });
}

function caption(y, text, kind) {
  return draw("text", { y, class: kind, "text-anchor": "middle", "dominant-baseline": "central" }, text);
}

// A line from one node to another, curved where it goes back or aside; with a label near its end.
function line(from, to, { class: kind = "", label = "", title = "", half = NODE.h / 2 }) {
  const down = to.y > from.y, [y1, y2] = down ? [from.y + half, to.y - half] : [from.y - half, to.y + half];
  const bend = down ? (y2 - y1) / 2 : 0, aside = down ? 0 : 46;
  const d = down ? `M${from.x} ${y1}C${from.x} ${y1 + bend} ${to.x} ${y2 - bend} ${to.x} ${y2}`
    : `M${from.x} ${y1}C${from.x + aside} ${y1 - 30} ${to.x + aside} ${y2 + 30} ${to.x} ${y2}`;
  const drawn = draw("g", { class: `line ${kind}` }, draw("path", { d, "marker-end": "url(#arrow)" }));
  if (title) drawn.append(draw("title", {}, title));
  if (label) drawn.append(draw("text", { x: (from.x + 3 * to.x) / 4 + 8, y: (y1 + 3 * y2) / 4, class: "small" }, label));
  return drawn;
}

// A line between the rims of two nodes, for a loop: straight, or bowed where another one leads back.
function straight(from, to, { class: kind = "", label = "", bow = 0 }) {
  if (from === to) return ring(from, kind);
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const share = Math.min(NODE.w / 2 / Math.max(Math.abs(dx), 1e-9), NODE.h / 2 / Math.max(Math.abs(dy), 1e-9));
  const length = Math.hypot(dx, dy) || 1; // the label stands to the left of who walks along: outside of a loop
  const ends = { x1: from.x + share * dx, y1: from.y + share * dy, x2: to.x - share * dx, y2: to.y - share * dy };
  const aside = (away) => ({ x: (ends.x1 + ends.x2) / 2 + (away * dy) / length, y: (ends.y1 + ends.y2) / 2 - (away * dx) / length });
  const turn = aside(2 * bow), spot = aside(bow + 12);
  return draw("g", { class: `line ${kind}` }, draw("path", { d: `M${ends.x1} ${ends.y1}Q${turn.x} ${turn.y} ${ends.x2} ${ends.y2}`, "marker-end": "url(#arrow)" }),
    draw("text", { x: spot.x, y: spot.y, class: "small", "text-anchor": "middle", "dominant-baseline": "central" }, label));
}

// A line from a node back to itself.
function ring({ x, y }, kind) {
  const foot = y + NODE.h / 2, d = `M${x - 14} ${foot}C${x - 34} ${foot + 30} ${x + 34} ${foot + 30} ${x + 14} ${foot}`;
  return draw("g", { class: `line ${kind}` }, draw("path", { d, "marker-end": "url(#arrow)" }));
}

// Scroll a box so that something in it is in its middle, without moving the page.
function centre(frame, node) {
  const outer = frame.getBoundingClientRect(), inner = node.getBoundingClientRect();
  frame.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
  frame.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
}
