"use strict";
// A question about the path, answered by going to a step of it; what it asks for is in the page already.

class Quiz {
  constructor(app) {
    this.app = app;
    this.asked = false;
    this.said = "";
  }

  ask(asked) {
    this.asked = asked;
    this.said = "";
    document.body.classList.toggle("asking", asked);
  }

  // {text, answer: the step that is right}: where the outcome is settled, else where the loop begins.
  get question() {
    const { path, book } = this.app;
    const kinds = path.ids.map((id) => book.valence(book.get(id)).kind);
    const settled = kinds.findIndex((kind, place) => place > 0 && kind === "value" && kinds[place - 1] === "bivalent");
    if (settled > 0) return { text: "After which step can only one value still be decided?", answer: settled };
    if (path.loop !== null && path.loop < path.length) return { text: "Which step begins the loop?", answer: path.loop + 1 };
    return null;
  }

  render() {
    const panel = byId("quiz"), { question } = this;
    hide(panel, !this.asked);
    if (!this.asked) return;
    const { path } = this.app;
    const leave = el("button", { type: "button", onclick: () => { this.ask(false); this.app.render(); } }, "Leave the quiz");
    if (!question) {
      clear(panel, el("p", {}, "There is no question about this path: nothing is settled in it, and it has no loop. Choose a place to jump to."), leave);
      return;
    }
    clear(panel, el("h2", {}, question.text), el("p", {}, `Go to that step (you are at step ${path.cursor} of ${path.length}), then answer.`),
      el("div", { class: "bar" }, el("button", { type: "button", class: "main", "data-do": "answer", onclick: () => this.answer(question.answer) }, "This one"), leave),
      el("p", { class: "answer" }, this.said));
  }

  answer(right) {
    const { cursor } = this.app.path;
    this.said = cursor === right ? `Right: step ${right}.` : cursor < right ? "Not yet: look further on." : "Too late: look earlier.";
    this.render();
    announce(this.said);
  }
}
