// Charts of distributions and of what changes over time.

const SVG = "http://www.w3.org/2000/svg";

/** An element of a drawing. */
function draw(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** An element of the page. */
function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** A place for what is pointed at, read out to those who do not see it. */
function detail(hint) {
  const output = element("output", { class: "detail", "aria-live": "polite" }, hint);
  const show = (before, strong, after) => output.replaceChildren(before, element("b", {}, strong), after);
  return { output, show, clear: () => output.replaceChildren(hint) };
}

/** Draws now, and again whenever the width of `place` changes. */
function whenSized(place, drawAt) {
  let width = 0;
  new ResizeObserver(() => {
    if (place.clientWidth === width || place.clientWidth === 0) return;
    width = place.clientWidth;
    drawAt(width);
  }).observe(place);
}

/** Lets a chart be read point by point, with the pointer or the arrow keys. */
function readable(chart, xs, select) {
  let at = -1;
  const go = (to) => {
    at = Math.max(0, Math.min(xs.length - 1, to));
    select(at);
  };
  chart.addEventListener("pointermove", (event) => {
    const x = event.clientX - chart.getBoundingClientRect().left;
    const after = search(xs, x, 0, xs.length);
    go(after > 0 && x - xs[after - 1] < xs[after] - x ? after - 1 : after);
  });
  chart.addEventListener("focus", () => go(at < 0 ? 0 : at));
  chart.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    go(at + step);
  });
}

/** Percentiles, the share of those above on a logarithmic scale: each nine takes the same room. */
function percentiles(place, { count, points }) {
  const said = detail("Point at the curve, or move along it with the arrow keys.");
  const chart = draw("svg", { tabindex: 0, role: "application", "aria-label": "Latency by percentile" });
  place.append(chart, said.output);
  const nines = Math.max(1, Math.log10(count));
  const level = (share) => Math.min(nines, share < 1 ? -Math.log10(1 - share) : nines);
  whenSized(place, (width) => {
    const [left, right, top, bottom] = [52, width - 12, 8, 200];
    const highest = points.at(-1)[1] * 1000;
    const x = (share) => left + (right - left) * (level(share) / nines);
    const y = (us) => bottom - (bottom - top) * (us * 1000 / highest);
    chart.setAttribute("height", bottom + 22);
    chart.replaceChildren();
    const { values, label } = timeTicks(0, highest, 4);
    for (const ns of values) {
      chart.append(draw("path", { class: "axis", d: `M${left} ${y(ns / 1000)}H${right}` }));
      chart.append(draw("text", { x: left - 6, y: y(ns / 1000) + 4, "text-anchor": "end" }, label(ns)));
    }
    let free = 0;
    for (const share of [0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999]) {
      if ((level(share) >= nines && share > 0) || x(share) < free) continue;
      free = x(share) + 40;
      const text = `${+(share * 100).toFixed(5)} %`;
      chart.append(draw("path", { class: "axis", d: `M${x(share)} ${top}V${bottom + 4}` }));
      chart.append(draw("text", { x: x(share), y: bottom + 17, "text-anchor": "middle" }, text));
    }
    const corners = points.map(([share, us]) => `${x(share).toFixed(1)} ${y(us).toFixed(1)}`);
    const dot = draw("circle", { class: "dot", r: 4, visibility: "hidden" });
    chart.append(draw("path", { class: "line", d: `M${corners.join("L")}` }), dot);
    readable(chart, points.map(([share]) => x(share)), (at) => {
      const [share, us] = points[at];
      for (const [name, value] of [["cx", x(share)], ["cy", y(us)], ["visibility", "visible"]]) {
        dot.setAttribute(name, value);
      }
      said.show(`${+(share * 100).toPrecision(6)} % took at most `, span(us * 1000), "");
    });
  });
}

/** Hatching for what is unknown: told apart without colour. */
function hatching() {
  const stripes = draw("path", { d: "M-1 1L1 -1M-1 7L7 -1M5 7L7 5" });
  const attributes = { id: "open", width: 6, height: 6, patternUnits: "userSpaceOnUse" };
  return draw("pattern", attributes, draw("rect", { width: 6, height: 6 }), stripes);
}

/** What the colours and patterns mean. */
function legend(withDropped = false) {
  const texts = ["ok", "fail: certainly not done", "unknown: done or not"];
  if (withDropped) texts.push("dropped: due and never sent");
  const items = texts.map((text, end) => {
    const swatch = draw("rect", { class: `is-${ENDS[end]}`, x: 1, y: 1, width: 16, height: 8 });
    return element("span", {}, draw("svg", { "aria-hidden": "true" }, swatch), text);
  });
  return element("div", { class: "legend" }, ...items);
}
