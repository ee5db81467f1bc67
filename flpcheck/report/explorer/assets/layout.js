"use strict";
// Where nodes stand: in layers, ordered by the means of their neighbours, or a loop as a circle.

const SWEEPS = 6;

// nodes: [{id, layer}], edges: [{from, to}]; returns Map id -> {x, y} in steps of one node.
function layered(nodes, edges) {
  const layers = new Map();
  for (const node of nodes) {
    if (!layers.has(node.layer)) layers.set(node.layer, []);
    layers.get(node.layer).push(node.id);
  }
  const order = [...layers.keys()].sort((a, b) => a - b).map((layer) => layers.get(layer));
  const up = neighbours(edges, "to", "from"), down = neighbours(edges, "from", "to");
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const forward = sweep % 2 === 0;
    const sequence = forward ? order : [...order].reverse();
    const place = places(order);
    for (const layer of sequence) sortByMean(layer, forward ? up : down, place);
  }
  return positioned(order);
}

function neighbours(edges, key, value) {
  const found = new Map();
  for (const edge of edges) {
    if (!found.has(edge[key])) found.set(edge[key], []);
    found.get(edge[key]).push(edge[value]);
  }
  return found;
}

function places(order) {
  const place = new Map();
  for (const layer of order) layer.forEach((id, x) => place.set(id, x - (layer.length - 1) / 2));
  return place;
}

function sortByMean(layer, beside, place) {
  const mean = new Map(layer.map((id) => {
    const near = (beside.get(id) || []).filter((other) => place.has(other));
    return [id, near.length ? near.reduce((sum, other) => sum + place.get(other), 0) / near.length : place.get(id)];
  }));
  layer.sort((a, b) => mean.get(a) - mean.get(b));
  layer.forEach((id, x) => place.set(id, x - (layer.length - 1) / 2));
}

function positioned(order) {
  const found = new Map();
  order.forEach((layer, y) => layer.forEach((id, x) => found.set(id, { x: x - (layer.length - 1) / 2, y })));
  return found;
}

// A stem that leads down to a loop, the loop as a circle; stem and loop are lists of ids.
function lassoed(stem, loop) {
  const found = new Map();
  const radius = Math.max(1.6, loop.length / 3.8);
  stem.forEach((id, place) => found.set(id, { x: 0, y: place }));
  const centre = stem.length + radius;
  loop.forEach((id, place) => {
    if (found.has(id)) return;
    const angle = (2 * Math.PI * place) / loop.length - Math.PI / 2;
    found.set(id, { x: radius * Math.cos(angle), y: centre + radius * Math.sin(angle) });
  });
  return found;
}
