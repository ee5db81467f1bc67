"use strict";
// The path as text for elsewhere: a link, a replay command, a pytest test, a Mermaid sequence diagram.

function copyMenu(app) {
  const choices = [["", "Copy as…"], ["link", "link"], ["replay", "replay command"], ["test", "pytest test"], ["mermaid", "Mermaid diagram"],
    ["frame", "iframe for another page"], ["quiz", "link to a quiz"]];
  return el("select", { id: "copy", "aria-label": "copy the path", onchange: (event) => copied(app, event.target) },
    choices.map(([value, text]) => el("option", { value }, text)));
}

async function copied(app, menu) {
  const kind = menu.value;
  menu.value = "";
  if (!kind) return;
  const text = asText(app, kind);
  try {
    await navigator.clipboard.writeText(text);
    announce(`copied as ${kind}`);
  } catch {
    announce("select the text and copy it");
  }
  showText(kind, text);
}

function asText(app, kind) {
  if (kind === "link") return window.location.href;
  if (kind === "quiz") return addressWith(app, "quiz");
  if (kind === "frame") return `<iframe src="${addressWith(app, "embed")}" width="820" height="640" title="${app.data.spec}, step by step"></iframe>`;
  if (kind === "replay") return replayCommand(app);
  return kind === "test" ? testText(app) : mermaidText(app);
}

// The whole path in another mode of the page.
function addressWith({ path, page, data, comparison }, mode) {
  const loop = path.loop === null ? "" : `;loop=${path.loop}`, instance = page ? `;instance=${encodeURIComponent(data.instance)}` : "";
  return `${window.location.href.split("#")[0]}#${path.way(path.length)}${loop};at=0${instance}${comparison.fragment};${mode}`;
}

function replayCommand({ data, path }) {
  const loop = path.loop !== null && path.cursor === path.length ? ` --loop ${path.loop}` : "";
  return `${data.commands.replay} --path ${path.way()}${loop}`;
}

function testText({ data, path }) {
  const decided = path.here.decided().map(([place, values]) => [data.names[place], values]);
  const expected = `{${decided.map(([name, values]) => `${JSON.stringify(name)}: ${JSON.stringify(values)}`).join(", ")}}`;
  return `${data.commands.test}    run = at_path(system, ${path.initial}, [${path.positions.slice(0, path.cursor).join(", ")}])\n`
    + "    outputs = system.outputs(run.configurations[-1])\n"
    + `    assert {pid: [str(value) for value in values] for pid, values in outputs.items()} == ${expected}\n`;
}

// Mermaid reads a semicolon, a number sign and a line break as its own.
function plain(text) {
  return cut(String(text), 80).replace(/[#;\n\r]/g, (sign) => (sign === "#" ? "#35;" : sign === ";" ? "#59;" : " "));
}

function mermaidText(app) {
  const { data, path } = app, values = app.cards.values;
  const lines = ["sequenceDiagram"];
  for (let place = 0; place < data.processes; place += 1) lines.push(`    participant n${place} as ${plain(data.names[place])}`);
  if (data.processes) lines.push(`    Note over n0: ${plain(data.roots[path.initial].text)}`);
  for (let place = 0; place < path.cursor; place += 1) {
    const event = path.eventAt(place), who = Math.max(event.p, 0);
    if (path.loop === place) lines.push("    loop for ever");
    const letters = event.l || (event.k === "deliver" ? [[event.f, event.v]] : null);
    if (letters) for (const [sender, message] of letters) lines.push(`    n${Math.max(sender, 0)}->>n${who}: ${plain(values.text(message))}`);
    else lines.push(`    Note over ${event.p < 0 ? `n0,n${data.processes - 1}` : `n${who}`}: ${plain(event.t)}`);
    for (const process of movers(app, event, place)) lines.push(...decisions(app, place, process));
  }
  if (path.loop !== null && path.loop < path.cursor) lines.push("    end");
  return `${lines.join("\n")}\n`;
}

function decisions({ book, path }, place, who) {
  const [then, now] = [book.get(path.ids[place]), book.get(path.ids[place + 1])].map((c) => c.part(who).d || []);
  return now.filter((value) => !then.includes(value)).map((value) => `    Note over n${who}: decides ${plain(value)}`);
}

function showText(kind, text) {
  const area = el("textarea", { rows: Math.min(20, text.split("\n").length + 1), readonly: true, "aria-label": kind, id: "copied" });
  area.value = text;
  showDialog(`Copied: ${kind}`, [area]);
  area.select();
}

function showDialog(title, children) {
  const dialog = byId("help");
  const close = el("button", { type: "button", class: "main", onclick: () => dialog.close() }, "Close");
  clear(dialog, el("h2", { id: "help-title" }, title), children, close);
  if (!dialog.open) dialog.showModal();
}
