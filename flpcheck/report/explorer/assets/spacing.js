"use strict";
// Where the rows of a space-time diagram lie and how its arrows run, as in report/runs/spacing.py: the names, the order of
// operations and the results are the same, and tests/explorer/spacing.json holds both to them.

const CLEAR = 10, LEAST = 28, STRETCH = 2.5, CORNER = 14, SIDE = 13, ATTEMPTS = 8;

// Spots are [row, column], arrows [spot, spot], points [x, y]; the result is {columns, dots, rows: the y of each row}.
function spaced(columns, rows, dots, arrows, least = LEAST) {
  const gaps = [0, ...new Array(rows).fill(least)];
  const threats = threatsOf(columns, dots, arrows);
  for (let pass = 0; pass < 30 * rows; pass += 1) {
    const heights = summed(gaps);
    const lacking = threats.map((threat) => lacks(threat, columns, heights));
    const worst = lacking.reduce((best, value, place) => (best < 0 || value > lacking[best] ? place : best), -1);
    if (worst < 0 || lacking[worst] <= 0) break;
    stretch(threats[worst], columns, heights, gaps, least * STRETCH);
  }
  return { columns, dots, rows: summed(gaps) };
}

// To the last bit as Python has it, which `Math.hypot` is not.
const lengthOf = (x, y) => Math.sqrt(x * x + y * y);

function summed(gaps) {
  let sum = 0;
  return gaps.map((gap) => (sum += gap));
}

const sameSpot = (one, other) => one[0] === other[0] && one[1] === other[1];

// The dots within the rectangle of each arrow, its border included: steep arrows graze their own columns.
function threatsOf(columns, dots, arrows) {
  const found = [], seen = new Set();
  for (const arrow of arrows) {
    const [[top, sender], [bottom, receiver]] = arrow;
    if (sender === receiver || seen.has(String(arrow))) continue;
    seen.add(String(arrow));
    const [first, last] = [Math.min(sender, receiver), Math.max(sender, receiver)];
    for (const dot of dots) {
      if (arrow.some((end) => sameSpot(end, dot)) || dot[0] < top || dot[0] > bottom || dot[1] < first || dot[1] > last) continue;
      const width = columns[receiver] - columns[sender];
      found.push({ arrow, dot, share: (columns[dot[1]] - columns[sender]) / width, side: 0, givenUp: false });
    }
  }
  return found;
}

// How far the dot lies below the arrow and how far it should lie from it, both measured vertically.
function measured({ arrow: [[top, sender], [bottom, receiver]], dot, share }, columns, heights) {
  const height = heights[bottom] - heights[top], width = Math.abs(columns[receiver] - columns[sender]);
  return { below: heights[dot[0]] - (heights[top] + share * height), wanted: (CLEAR * lengthOf(width, height)) / width };
}

function lacks(threat, columns, heights) {
  if (threat.givenUp) return -Infinity;
  const { below, wanted } = measured(threat, columns, heights);
  return wanted - (threat.side ? threat.side * below : Math.abs(below)) - 1e-9;
}

// Stretch the row above or below a dot until the arrow passes far enough; the side stays what it is at first.
function stretch(threat, columns, heights, gaps, most) {
  const { below, wanted } = measured(threat, columns, heights), row = threat.dot[0], [[top], [bottom]] = threat.arrow;
  const lower = threat.share < 1 && row > top ? (wanted - below) / (1 - threat.share) : Infinity;
  const upper = threat.share > 0 && row < bottom ? (wanted + below) / threat.share : Infinity;
  threat.side = threat.side || (lower <= upper ? 1 : -1);
  const [stretched, more] = threat.side > 0 ? [row, lower] : [row + 1, upper];
  if (more === Infinity || gaps[stretched] + more > most) threat.givenUp = true;
  else gaps[stretched] += more;
}

// An arrow as a polygonal line, whose corners are rounded when it is drawn.
function corners(spacing, arrow) {
  const at = ([row, column]) => [spacing.columns[column], spacing.rows[row]];
  const [start, end] = arrow.map(at);
  if (arrow[0][1] === arrow[1][1]) return beside(start, end);
  const foreign = spacing.dots.filter((dot) => !arrow.some((one) => sameSpot(one, dot)) && arrow[0][0] <= dot[0] && dot[0] <= arrow[1][0]);
  return roundThe(foreign.map(at), start, end);
}

// The way of a message that a process sends to itself: beside its line.
function beside(start, end) {
  const bend = Math.min(CORNER, (end[1] - start[1]) / 2), x = start[0] - SIDE;
  return [start, [x, start[1] + bend], [x, end[1] - bend], end];
}

// Bend an arrow round the dots that it comes too near, farther with every attempt.
function roundThe(dots, start, end) {
  const offsets = new Map();
  let way = [start, end];
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const line = flattened(way), near = dots.filter((dot) => distance(dot, line) < CLEAR);
    if (!near.length) break;
    for (const dot of near) offsets.set(dot, offsets.has(dot) ? offsets.get(dot) + 1.5 : CLEAR + 0.5);
    way = [start, ...waypoints(offsets, start, end), end];
  }
  return way;
}

// A point beside each dot, on the side on which the straight arrow passes, in the order of the arrow.
function waypoints(offsets, start, end) {
  const length = lengthOf(end[0] - start[0], end[1] - start[1]);
  const ahead = [(end[0] - start[0]) / length, (end[1] - start[1]) / length];
  const placed = [...offsets].map(([[x, y], offset]) => {
    const across = (x - start[0]) * ahead[1] - (y - start[1]) * ahead[0];
    const push = across > 0 ? -offset : offset;
    return [(x - start[0]) * ahead[0] + (y - start[1]) * ahead[1], [x + push * ahead[1], y - push * ahead[0]]];
  });
  return placed.sort((one, other) => one[0] - other[0] || one[1][0] - other[1][0] || one[1][1] - other[1][1]).map(([, point]) => point);
}

// The roundings of a polygonal line, one per inner corner: [where it begins, the corner, where it ends].
function rounded(way) {
  return way.slice(1, -1).map((corner, place) => [towards(corner, way[place]), corner, towards(corner, way[place + 2])]);
}

function towards(corner, other) {
  const length = lengthOf(other[0] - corner[0], other[1] - corner[1]);
  const share = length ? Math.min(CORNER, length / 2) / length : 0;
  return [corner[0] + share * (other[0] - corner[0]), corner[1] + share * (other[1] - corner[1])];
}

function flattened(way, pieces = 8) {
  const line = [way[0]];
  for (const [begin, corner, end] of rounded(way)) {
    for (let piece = 0; piece <= pieces; piece += 1) line.push(quadratic(begin, corner, end, piece / pieces));
  }
  return [...line, way[way.length - 1]];
}

function quadratic(begin, corner, end, share) {
  const [one, two, three] = [(1 - share) * (1 - share), 2 * share * (1 - share), share * share];
  return [one * begin[0] + two * corner[0] + three * end[0], one * begin[1] + two * corner[1] + three * end[1]];
}

function distance(point, line) {
  let least = Infinity;
  for (let place = 1; place < line.length; place += 1) least = Math.min(least, fromSegment(point, line[place - 1], line[place]));
  return least;
}

function fromSegment(point, one, other) {
  const [x, y] = [other[0] - one[0], other[1] - one[1]], square = x * x + y * y;
  const share = square ? Math.min(1, Math.max(0, ((point[0] - one[0]) * x + (point[1] - one[1]) * y) / square)) : 0;
  return lengthOf(point[0] - one[0] - share * x, point[1] - one[1] - share * y);
}

// A rounded polygonal line as the `d` of a path.
function pathOf(way) {
  const text = ([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const turns = rounded(way).map(([begin, corner, end]) => `L${text(begin)}Q${text(corner)} ${text(end)}`);
  return `M${text(way[0])}${turns.join("")}L${text(way[way.length - 1])}`;
}

// A polygonal line without its last pixels, where the dot of its end and the head of the arrow are.
function shortenedWay(way, by) {
  const [before, last] = way.slice(-2), length = lengthOf(last[0] - before[0], last[1] - before[1]);
  const share = length ? Math.min(by, length * 0.9) / length : 0;
  return [...way.slice(0, -1), [last[0] + share * (before[0] - last[0]), last[1] + share * (before[1] - last[1])]];
}
