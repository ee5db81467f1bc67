"use strict";
// Which runs can stand beside the path: what was found, ends of tours, paths that were left, and two that are made of it.

// What was found along a path: the path is just the way that shows it.
function foundAlong(data, path) {
  const way = path.way(path.length);
  return data.places.filter((place) => place.because && place.way === way && place.loop === path.loop);
}

function nameOfRun({ pages }, page, way, loop) {
  const { data } = pages[page], elsewhere = page && data.instance ? ` (${data.instance})` : "";
  const place = data.places.find((one) => one.way === way && one.loop === loop);
  if (place) return place.name + elsewhere;
  for (const { name, stops } of data.tours) {
    const stop = stops.find((one) => one.way === way && one.loop === loop);
    if (stop) return `${name}: ${stop.title}`;
  }
  const last = way.split(":")[1];
  return `${data.roots[Number(way.split(":")[0])].text}, ${counted(last ? last.split(".").length : 0, "step")}${elsewhere}`;
}

// What is decided at the end of a run.
function outcomeOf({ data, path, book }) {
  const values = [...new Set(book.get(path.ids[path.length]).decided().flatMap(([, found]) => found))];
  return !data.decides ? "" : values.length ? `: decides ${values.sort().join(" and ")}` : ": no decision";
}

// [[group, [{label, page, way, loop}]]]
function choicesBeside(app) {
  const { page, path, data } = app, mine = path.way(path.length);
  const groups = [["From this path", madeOf(app)], ["Found", foundRuns(app)], ["Ends of tours", endsOfTours(app)],
    ["Paths that you left", data.renames ? [] : path.others.map((way) => ({ label: nameOfRun(app, page, way, null), page, way, loop: null }))]];
  const isOther = (one) => one.page !== page || one.way !== mine || one.loop !== path.loop;
  return groups.map(([name, runs]) => [name, runs.filter(isOther)]).filter(([, runs]) => runs.length);
}

function foundRuns({ page, data }) {
  const runs = data.places.filter((place) => place.because && (!data.renames || place.run));
  return runs.map(({ name, way, loop }) => ({ label: name, page, way, loop }));
}

function endsOfTours({ pages }) {
  return pages.flatMap(({ data }, page) => data.tours.flatMap(({ name, stops }, number) => {
    const { way, loop } = stops[stops.length - 1] || {};
    return stops.length && !data.renames ? [{ label: name, number, page, way, loop }] : [];
  }));
}

function madeOf(app) {
  if (app.data.renames) return [];
  const decides = app.data.decides ? decidingRun(app) : null, spared = withoutCrash(app);
  return [decides && { label: "a run that decides", ...decides }, spared && { label: "the same without the crash", ...spared }].filter(Boolean);
}

// A run that leaves the path as late as possible and decides, with the outcome settled; null if none is in the page.
function decidingRun({ page, path, book }) {
  const passed = new Set(path.ids);
  const isGoal = (id) => !passed.has(id) && book.get(id).decided().length > 0 && book.valence(book.get(id)).kind === "value";
  for (let place = path.length; place >= 0; place -= 1) {
    const found = path.search(new Map([[path.ids[place], []]]), isGoal, Infinity);
    if (found) return { page, way: wayOf(path.initial, [...path.positions.slice(0, place), ...found.positions]), loop: null };
  }
  return null;
}

// The same events without the crashes, as far as they can happen; null where no process crashes.
function withoutCrash({ page, path, book }) {
  const events = path.positions.map((_, place) => path.eventAt(place));
  if (!events.some((event) => event.k === "crash")) return null;
  const positions = [];
  let id = path.ids[0];
  for (const event of events) {
    const step = event.k !== "crash" && book.get(id).steps.find((one) => one.event === event);
    if (!step) continue;
    positions.push(step.position);
    id = step.target;
  }
  return { page, way: wayOf(path.initial, positions), loop: null };
}

function wayOf(initial, positions) {
  return `${initial}:${positions.join(".")}`;
}

function compareMenu(app) {
  const groups = choicesBeside(app), { comparison } = app, runs = groups.flatMap(([, found]) => found);
  if (!runs.length && !comparison.other) return "";
  let number = 0;
  const options = groups.map(([label, found]) => el("optgroup", { label }, found.map((run) => el("option", { value: number++ }, cut(run.label, 80)))));
  return el("select", { id: "compare", "aria-label": "compare the path with another run", onchange: (event) => {
    const chosen = event.target.value;
    event.target.value = "";
    if (chosen === "none") comparison.close();
    else if (chosen !== "") comparison.open(runs[Number(chosen)]);
  } }, el("option", { value: "" }, "Compare with…"), comparison.other ? el("option", { value: "none" }, "nothing: one run only") : "", options);
}

// The pair that suggests itself: a counterexample beside a run that decides.
function besideDeciding(app) {
  const run = app.data.renames || !app.data.decides ? null : decidingRun(app);
  return run ? el("button", { type: "button", "data-do": "beside", onclick: () => app.comparison.open(run) }, "Beside a run that decides") : "";
}
