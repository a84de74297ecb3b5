// A witness on its own: the operations that contradict each other, and their clients' others.

const LANE = 26;
const MOST_LANES = 24;
const MOST_CONTEXT = 400;

/** Draws a witness; `show` is called with a time to be seen in the history. */
function proof(place, history, { operations, wrong }, show) {
  const said = detail("Point at a bar, or reach it with the tab key.");
  const chart = draw("svg", { role: "group", "aria-label": "The operations over time" });
  const sight = sightOf(history, operations);
  const button = element("button", { type: "button" }, "Show in the history");
  button.addEventListener("click", () => show(sight.from, sight.to, history.lane[wrong ?? operations[0]]));
  place.append(chart, said.output);
  place.closest("article").querySelector("p.note").append(button);
  const inTime = [...operations].sort((a, b) => a - b);
  // The lane of what is wrong is always there, whatever is left out.
  const lanesOf = (places) => [...new Set(places.map((i) => history.lane[i]))];
  const first = lanesOf([wrong ?? inTime[0], ...inTime]).slice(0, MOST_LANES);
  const lanes = lanesOf(inTime).filter((lane) => first.includes(lane));
  const shown = inTime.filter((i) => lanes.includes(history.lane[i]));
  const others = lanesOf(inTime).length - lanes.length;
  whenSized(place, (width) => {
    const area = { left: 78, right: width - 12, top: 20, bottom: 20 + lanes.length * LANE };
    const perNs = (area.right - area.left) / (sight.to - sight.from);
    area.x = (time) => area.left + (time - sight.from) * perNs;
    area.clip = (time) => Math.max(area.left, Math.min(area.right, area.x(time)));
    area.y = (i) => area.top + lanes.indexOf(history.lane[i]) * LANE;
    chart.setAttribute("height", area.bottom + 24);
    chart.replaceChildren(...frame(history, sight, lanes, area));
    const guides = draw("path", { class: "guide" });
    const select = (bar, i) => {
      for (const other of chart.querySelectorAll(".at")) other.classList.remove("at");
      bar.classList.add("at");
      const edges = [history.call[i], history.end[i]].map(area.clip);
      guides.setAttribute("d", edges.map((x) => `M${x} ${area.top}V${area.bottom}`).join(""));
      said.show(...history.describe(i));
    };
    const add = (i, name) => {
      const node = bar(history, i, area, name);
      node.addEventListener("pointerenter", () => select(node, i));
      node.addEventListener("focus", () => select(node, i));
      chart.append(node);
    };
    context(history, sight, lanes, new Set(operations)).forEach((i) => add(i, "context"));
    shown.forEach((i) => add(i, i === wrong ? "wrong" : "of-witness"));
    if (wrong !== null) chart.append(...impossible(history, wrong, area));
    if (others > 0) {
      const at = { x: area.left - 10, y: area.bottom + 17, "text-anchor": "end" };
      chart.append(draw("text", at, `… ${others} more`));
    }
    chart.append(guides);
  });
}

/** The time of the operations, with some room around it. */
function sightOf(history, operations) {
  const from = Math.min(...operations.map((i) => history.call[i]));
  const ends = operations.map((i) => (history.outcome(i) === 2 ? history.call[i] : history.end[i]));
  const to = Math.max(...ends, from + 1);
  const room = (to - from) * 0.08;
  return { from: from - room, to: to + room, origin: from };
}

/** Clients, and the time since the first operation began, as the table has it. */
function frame(history, sight, lanes, area) {
  const { values, label } = timeTicks(0, sight.to - sight.origin, (area.right - area.left) / 100);
  const parts = values.flatMap((time) => {
    const x = area.x(sight.origin + time);
    return [
      draw("path", { class: "axis", d: `M${x} ${area.top}V${area.bottom + 4}` }),
      draw("text", { x, y: area.bottom + 17, "text-anchor": "middle" }, time === 0 ? "0" : label(time)),
    ];
  });
  lanes.forEach((lane, row) => {
    const y = area.top + (row + 0.5) * LANE + 4;
    const at = { class: "label", x: area.left - 10, y, "text-anchor": "end" };
    parts.push(draw("text", at, `client ${history.clients[lane]}`));
  });
  return parts;
}

/** Other operations of these clients that are in sight. */
function context(history, sight, lanes, witness) {
  const found = [];
  for (const lane of lanes) {
    history.within(lane, sight.from, sight.to, (i) => {
      if (!witness.has(i)) found.push(i);
      return found.length >= MOST_CONTEXT;
    });
  }
  return found;
}

function bar(history, i, area, name) {
  const [from, to] = [area.clip(history.call[i]), area.clip(history.end[i])];
  const y = area.y(i) + 4;
  const box = { x: from, width: Math.max(2, to - from), y, height: LANE - 8, rx: 1.5 };
  const group = draw("g", { class: `bar ${name}` });
  group.append(draw("rect", { class: `shape is-${OUTCOMES[history.outcome(i)]}`, ...box }));
  if (name === "context") return group;
  const text = history.exchange(i);
  const room = text.length * 6.7 + 10;
  const right = area.right - to;
  const beside = right >= room
    ? { x: to + 5 }
    : from - area.left >= room ? { x: from - 5, "text-anchor": "end" } : { x: from + 5 };
  const isInside = to - from >= room && history.outcome(i) === 0;
  const at = isInside ? { class: "inside", x: from + 6 } : { class: "label", ...beside };
  group.append(draw("text", { ...at, y: y + 13 }, text));
  group.setAttribute("tabindex", 0);
  group.setAttribute("role", "img");
  group.setAttribute("aria-label", (name === "wrong" ? "impossible: " : "") + history.describe(i).join(""));
  return group;
}

/** Where no order is left. */
function impossible(history, wrong, area) {
  const x = area.clip(history.end[wrong]);
  return [
    draw("path", { class: "impossible", d: `M${x} ${area.top - 4}V${area.bottom}` }),
    draw("text", { class: "cross", x, y: area.top - 7, "text-anchor": "middle" }, "✗"),
  ];
}
