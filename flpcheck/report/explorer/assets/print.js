"use strict";
// On paper the run stands whole, whatever the map shows: its pictures are drawn when the page is about to be printed.

const PAPER = 690; // the width of a page within its margins, in pixels

function printing(app) {
  window.addEventListener("beforeprint", () => {
    clear(byId("printed"), printedRuns(app));
    document.body.dataset.view = app.atlas.view;
  });
  window.addEventListener("afterprint", () => clear(byId("printed")));
}

function printedRuns(app) {
  const { comparison } = app, drawn = comparison.sides.filter((side) => side.path.length && isDrawn(side));
  return drawn.map((side) => {
    const run = new RunPicture(side, PAPER);
    if (comparison.other && comparison.parting) run.band(comparison.parting.step);
    run.show(side.path.length, false);
    run.svg.style.width = `${run.svg.dataset.width}px`;
    return el("figure", {}, drawn.length > 1 ? el("figcaption", {}, comparison.title(side)) : "", run.svg);
  });
}
