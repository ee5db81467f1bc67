"use strict";
// A story: a few scenes, every configuration in one of them, every arrow a real step that can be opened.

const SCENE = { w: 172, h: 66, dx: 236, dy: 132 };

function drawnStory(app, place) {
  const story = app.data.stories[place];
  const spots = new Map(story.scenes.map((scene, number) => [number, {
    x: scene.place[0] * SCENE.dx, y: scene.place[1] * SCENE.dy,
  }]));
  const pairs = new Set(story.steps.map((step) => `${step.from}-${step.to}`));
  const arrows = story.steps.map((step) => storyArrow(app, step, spots, pairs.has(`${step.to}-${step.from}`), story));
  const scenes = story.scenes.map((scene, number) => storyScene(app, scene, spots.get(number), app.path.here.scenes[place] === number));
  return canvas(spots, [arrows, scenes], `${story.name}: ${story.about}`, SCENE.w / 2);
}

function storyScene(app, scene, spot, current) {
  const count = scene.count ? counted(scene.count, "configuration") : "never reached";
  return draw("g", {
    class: `node scene v-plain ${current ? "here" : ""} ${scene.way ? "" : "never"}`, role: "button", tabindex: "0",
    transform: `translate(${spot.x} ${spot.y})`, "data-scene": scene.name, "aria-label": `${scene.name}: ${scene.text} ${count}`,
    "aria-disabled": scene.way ? null : "true",
    onclick: () => (scene.way ? app.visit(() => app.path.follow(scene.way)) : refuse(`${scene.name} is never reached`)),
  }, box(SCENE.w, SCENE.h), draw("title", {}, scene.text), caption(-10, cut(scene.name, 24), "mark"), caption(12, count, "small"));
}

function storyArrow(app, step, spots, both, story) {
  const from = spots.get(step.from), to = spots.get(step.to);
  const others = [...spots].filter(([number]) => number !== step.from && number !== step.to).map(([, spot]) => spot);
  const { d, middle: at } = route(from, to, both ? 13 : 0, others);
  const names = `${story.scenes[step.from].name} to ${story.scenes[step.to].name}`;
  const taken = app.path.before && app.path.before.scenes.includes(step.from) && app.path.here.scenes.includes(step.to);
  return draw("g", {
    class: `line story ${taken ? "taken" : ""}`, role: "button", tabindex: "0", "data-way": step.way,
    "aria-label": `${names}: open the first of ${counted(step.count, "step")}`, onclick: () => app.visit(() => app.path.follow(step.way)),
  }, draw("title", {}, `${names}: ${counted(step.count, "step")}`), draw("path", { d, class: "hit" }),
  draw("path", { d, "marker-end": "url(#arrow)" }),
  draw("text", { x: at.x, y: at.y, class: "small count", "text-anchor": "middle", "dominant-baseline": "central" }, `×${step.count}`));
}

// A straight line, to the side where another one comes back; a curve round a scene that would be in the way.
function route(from, to, side, others) {
  const [dx, dy] = [to.x - from.x, to.y - from.y], length = Math.hypot(dx, dy) || 1;
  const across = { x: -dy / length, y: dx / length };
  const blocked = others.some((spot) => near(spot, from, to));
  const bend = blocked ? (Math.abs(dx) < Math.abs(dy) ? SCENE.w * 0.6 : SCENE.h * 0.95) : 0;
  const shift = { x: across.x * side, y: across.y * side };
  const turn = { x: (from.x + to.x) / 2 + across.x * (side + 2 * bend), y: (from.y + to.y) / 2 + across.y * (side + 2 * bend) };
  const start = rim(from, shift, blocked ? { x: turn.x - from.x, y: turn.y - from.y } : { x: dx, y: dy });
  const end = rim(to, shift, blocked ? { x: turn.x - to.x, y: turn.y - to.y } : { x: -dx, y: -dy });
  const d = `M${start.x} ${start.y}Q${turn.x} ${turn.y} ${end.x} ${end.y}`;
  return { d, middle: along(start, turn, end, blocked ? 0.5 : 0.4) };
}

// A point of the curve.
function along(start, turn, end, share) {
  const [a, b, c] = [(1 - share) ** 2, 2 * share * (1 - share), share ** 2];
  return { x: a * start.x + b * turn.x + c * end.x, y: a * start.y + b * turn.y + c * end.y };
}

// Whether the line between two points passes through the box of a scene.
function near(spot, from, to) {
  for (let share = 0.05; share < 1; share += 0.05) {
    const [x, y] = [from.x + share * (to.x - from.x), from.y + share * (to.y - from.y)];
    if (Math.abs(x - spot.x) < SCENE.w / 2 && Math.abs(y - spot.y) < SCENE.h / 2) return true;
  }
  return false;
}

// Where a ray that starts beside the middle of a scene leaves its box.
function rim(spot, shift, ray) {
  const reach = (half, offset, speed) => (speed === 0 ? Infinity : (Math.sign(speed) * half - offset) / speed);
  const share = Math.min(reach(SCENE.w / 2, shift.x, ray.x), reach(SCENE.h / 2, shift.y, ray.y));
  return { x: spot.x + shift.x + ray.x * share, y: spot.y + shift.y + ray.y * share };
}

// Numbers to watch, against the number that is needed.
function gauges(app) {
  const all = app.data.stories.flatMap((story) => story.gauges);
  return all.map((gauge, place) => {
    const count = app.path.here.gauges[place], needed = gauge.needed;
    const enough = needed !== null && count >= needed;
    const of = needed === null ? "" : ` of ${needed} needed`;
    return el("div", { class: `gauge ${enough ? "enough" : ""}`, "data-gauge": gauge.name },
      el("span", { class: "label" }, gauge.name), el("span", { class: "number" }, String(count), el("small", {}, of)),
      needed === null ? "" : el("meter", { min: 0, max: needed, value: Math.min(count, needed), "aria-label": gauge.name }));
  });
}
