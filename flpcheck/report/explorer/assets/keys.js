"use strict";
// Everything by keyboard.

const KEYS = [/* of deeds.py */];

function openPopover() {
  return CSS.supports("selector(:popover-open)") && document.querySelector(":popover-open");
}

class Keys {
  constructor(app) {
    this.app = app;
    document.addEventListener("keydown", (event) => this.pressed(event));
    byId("show-help").addEventListener("click", () => this.help());
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const place = event.target;
    const scrolls = (place.id === "map" || place.tagName === "FIGURE") && ["ArrowUp", "ArrowDown"].includes(event.key);
    const typing = scrolls || ["SELECT", "TEXTAREA"].includes(place.tagName) || (place.tagName === "INPUT" && event.key.startsWith("Arrow"));
    if (typing || byId("help").open || (event.key === "Escape" && openPopover())) return;
    if (["Enter", " "].includes(event.key) && place.getAttribute("role") === "button") {
      place.dispatchEvent(new MouseEvent("click", { bubbles: true }));
      event.preventDefault();
      return;
    }
    const act = this.action(event.key);
    if (!act) return;
    event.preventDefault();
    act();
  }

  action(key) {
    const { app } = this, { path } = app;
    if (/^[0-9]$/.test(key)) return () => this.digit(Number(key) || 10);
    const back = () => app.visit(() => path.go(path.cursor - 1)), forward = () => app.visit(() => path.go(path.cursor + 1));
    const acts = {
      Backspace: back, ArrowLeft: back, b: back, ArrowRight: forward, f: forward, Home: () => app.visit(() => path.go(0)),
      End: () => app.visit(() => path.go(path.length)), d: () => app.visit(() => path.fork()),
      ArrowDown: () => this.move(1), ArrowUp: () => this.move(-1), v: () => app.jumpTo(["violation", "lasso", "disagreement"]),
      j: () => byId("jump").focus(), t: () => byId("tours").focus(), u: () => app.cards.toggle(), c: () => byId("copy").focus(),
      g: () => this.trigger(), m: () => this.nextView(), "?": () => this.help(), r: () => app.player.toggle(),
      o: () => byId("compare") && byId("compare").focus(),
    };
    if (app.guide.tour) {
      Object.assign(acts, { n: () => app.guide.next(), p: () => app.guide.go(app.guide.place - 1),
        Escape: () => app.guide.leave() });
    }
    return Object.hasOwn(acts, key) ? acts[key] : null;
  }

  digit(number) {
    const steps = this.app.path.here.steps;
    if (number <= steps.length) this.app.take(steps[number - 1].position);
    else refuse(`no step ${number} here`);
  }

  trigger() {
    const run = this.app.shown.find((one) => one.trigger);
    if (run) this.app.visit(() => this.app.path.go(run.trigger.at));
    else refuse("no trigger on this path");
  }

  move(by) {
    const buttons = [...byId("next").querySelectorAll("li button")];
    const place = buttons.indexOf(document.activeElement);
    const next = place < 0 ? (by > 0 ? 0 : buttons.length - 1) : (place + by + buttons.length) % buttons.length;
    if (buttons.length) buttons[next].focus();
  }

  nextView() {
    const names = this.app.atlas.views().map(([name]) => name);
    this.app.atlas.show(names[(names.indexOf(this.app.atlas.view) + 1) % names.length]);
  }

  help() {
    const rows = KEYS.map(([keys, words]) => [el("dt", {}, keys.split(", ").map((key, place) => [place ? " " : "", el("kbd", {}, key)])), el("dd", {}, words)]);
    showDialog("Keys", [el("dl", { class: "keys" }, rows)]);
  }
}
