"use strict";
// The author's own picture of a configuration: shapes as data, texts as texts.

const UNIT = 16;

function ownPicture(shapes) {
  const group = draw("g", {});
  let right = 1, bottom = 1;
  for (const shape of shapes) {
    group.append(drawnShape(shape));
    right = Math.max(right, shape.x + (shape.width || shape.radius || 4), shape.to_x || 0);
    bottom = Math.max(bottom, shape.y + (shape.height || shape.radius || 1), shape.to_y || 0);
  }
  const size = `0 0 ${(right + 1) * UNIT} ${(bottom + 1) * UNIT}`;
  const label = shapes.map((shape) => shape.text).filter(Boolean).join(", ");
  return draw("svg", { viewBox: size, class: "own", role: "img", "aria-label": label }, arrowHead("own-arrow"), group);
}

function drawnShape(shape) {
  const tone = ["strong", "faint"].includes(shape.tone) ? shape.tone : "plain";
  const [x, y] = [shape.x * UNIT, shape.y * UNIT];
  if (shape.kind === "Line") {
    const ends = { x1: x, y1: y, x2: shape.to_x * UNIT, y2: shape.to_y * UNIT };
    return draw("line", { ...ends, class: `shape ${tone}`, "marker-end": shape.arrow ? "url(#own-arrow)" : null });
  }
  if (shape.kind === "Label") return middle(x, y, shape.text, tone);
  if (shape.kind === "Disc") {
    return draw("g", {}, draw("circle", { cx: x, cy: y, r: shape.radius * UNIT, class: `shape ${tone}` }),
      middle(x, y, shape.text, tone));
  }
  const [width, height] = [shape.width * UNIT, shape.height * UNIT];
  return draw("g", {}, draw("rect", { x, y, width, height, rx: 5, class: `shape ${tone}` }),
    middle(x + width / 2, y + height / 2, shape.text, tone));
}

function middle(x, y, text, tone) {
  return draw("text", { x, y, class: `shape-text ${tone}`, "text-anchor": "middle", "dominant-baseline": "central" },
    cut(text, 80));
}

function arrowHead(id) {
  return draw("defs", {}, draw("marker", {
    id, viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto-start-reverse",
  }, draw("path", { d: "M0 0L10 5L0 10z", class: "head" })));
}
