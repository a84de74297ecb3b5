// What changes over time: throughput, latency, and when anomalies happened.

const MOST_BINS = 120;

/** How requests came to an end, and those that were never sent. */
const ENDS = [...OUTCOMES, "dropped"];

/** What there is over time, by the seconds of a load. */
function ofSeries({ ok, fail, unknown, dropped, p50_us, p99_us, events }) {
  const ns = (us) => (us === null ? null : us * 1000);
  const bins = ok.map((count, at) => ({
    from: at * 1e9, to: (at + 1) * 1e9, ended: [count, fail[at], unknown[at], dropped[at]],
    p50: ns(p50_us[at]), p99: ns(p99_us[at]),
  }));
  return { begin: 0, over: bins.length * 1e9, bins, strips: events };
}

/** What there is over time, by the requests of a history. */
function ofHistory(history, events) {
  const { begin, over, anomalies } = history;
  return { begin, over, bins: overTime(history), strips: [...anomalies, ...events] };
}

/** How many ended in each part of the time, and the latencies of those that are ok. */
function overTime(history) {
  const { begin, over, count } = history;
  const length = Math.round(Math.min(MOST_BINS, 20 + count / 20));
  const width = (over - begin) / length;
  const bins = Array.from({ length }, (_, at) => ({
    from: begin + at * width, to: begin + (at + 1) * width, ended: [0, 0, 0, 0], p50: null, p99: null,
  }));
  const bin = (i) => {
    const time = history.took(i) === null ? history.call[i] : history.end[i];
    return Math.min(length - 1, Math.floor((time - begin) / width));
  };
  for (let i = 0; i < count; i++) bins[bin(i)].ended[history.outcome(i)]++;
  let total = 0;
  const next = bins.map(({ ended }) => (total += ended[0]) - ended[0]);
  const times = new Float64Array(total);
  for (let i = 0; i < count; i++) {
    if (history.outcome(i) === 0) times[next[bin(i)]++] = history.end[i] - history.call[i];
  }
  bins.forEach((one, at) => {
    const sorted = times.subarray(next[at] - one.ended[0], next[at]).sort();
    const rank = (share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
    [one.p50, one.p99] = [rank(0.5), rank(0.99)];
  });
  return bins;
}

/** Draws the bins, and below them when anomalies and events happened. `choose` is given a time that is
    marked, where there is anything to see it in. */
function timeCharts(place, { begin, over, bins, strips }, choose) {
  const seconds = (bins[0].to - bins[0].from) / 1e9;
  const drag = choose ? " Drag to see it in the history." : "";
  const said = detail(`Point at a time, or move along with the arrow keys.${drag}`);
  const name = "Throughput, latency and anomalies over time";
  const chart = draw("svg", { tabindex: 0, role: "application", "aria-label": name });
  const sum = ({ ended }) => ended.reduce((all, count) => all + count, 0);
  place.append(chart, legend(bins.some(({ ended }) => ended[3] > 0)), said.output);
  const [top, middle, below] = [16, 116, 236];
  const bottom = below + 14 + strips.length * 30;
  const axis = { left: 58, right: 0, x: () => 0, time: () => 0 };
  const band = draw("rect", { class: "band", y: top, height: bottom - top, visibility: "hidden" });
  const guide = draw("path", { class: "guide", visibility: "hidden" });

  const bars = (x) => {
    const most = Math.max(1, ...bins.map(sum));
    const y = (count) => middle - (middle - top - 4) * (count / most);
    const width = Math.max(1, x(bins[0].to) - x(bins[0].from) - 1);
    const group = draw("g");
    for (const { from, ended } of bins) {
      let below = 0;
      ended.forEach((count, outcome) => {
        const box = { x: x(from), width, y: y(below + count), height: y(below) - y(below + count) };
        const name = `is-${ENDS[outcome]}${box.height < 4 ? " thin" : ""}`;
        if (count > 0) group.append(draw("rect", { class: name, ...box }));
        below += count;
      });
    }
    const { values } = ticks(0, most / seconds, 3);
    chart.append(...scale("requests/s", top, values, (rate) => y(rate * seconds), compact), group);
  };

  const lines = (x) => {
    const known = bins.flatMap(({ p50, p99 }) => [p50, p99]).filter((ns) => ns !== null);
    if (known.length === 0) return;
    const log = (ns) => Math.log10(Math.max(ns, 1));
    const floor = Math.floor(Math.min(...known.map(log)));
    const ceiling = Math.max(floor + 1, Math.ceil(Math.max(...known.map(log))));
    const high = middle + 30;
    const y = (ns) => below - (below - high) * ((log(ns) - floor) / (ceiling - floor));
    const powers = Array.from({ length: ceiling - floor + 1 }, (_, at) => 10 ** (floor + at));
    chart.append(...scale("latency: 50 % (solid) and 99 % (dashed)", high - 4, powers, y, span));
    for (const name of ["p99", "p50"]) {
      let pen = "M";
      const steps = bins.map((one) => {
        // None ended well, or the percentile is among those that were dropped.
        if (one[name] === null) return (pen = "M"), "";
        const step = `${pen}${x((one.from + one.to) / 2).toFixed(1)} ${y(one[name]).toFixed(1)}`;
        // One without neighbours is a dot.
        const dot = pen === "M" ? "h.01" : "";
        pen = "L";
        return step + dot;
      });
      chart.append(draw("path", { class: `line ${name}`, d: steps.join("") }));
    }
  };

  const scale = (title, y, values, place, label) => {
    const lines = values.flatMap((value) => [
      draw("path", { class: "axis", d: `M${axis.left} ${place(value)}H${axis.right}` }),
      draw("text", { x: axis.left - 6, y: place(value) + 4, "text-anchor": "end" }, label(value)),
    ]);
    return [...lines, draw("text", { class: "label", x: axis.left, y: y - 5 }, title)];
  };

  const rows = (x) => strips.forEach((one, row) => {
    const y = below + 24 + row * 30;
    if (one.spans) {
      chart.append(draw("text", { class: "label", x: axis.left, y }, one.title));
      for (const [from, to] of one.spans) {
        const box = { x: x(from), width: Math.max(2, x(Math.min(to, over)) - x(from)) };
        chart.append(draw("rect", { class: "event", y: y + 8, height: 7, ...box }));
      }
      return;
    }
    const title = `${one.count} ${one.count === 1 ? one.one : one.more}`;
    const marks = new Map();
    for (const time of one.times) {
      const at = Math.round(x(time) / 2) * 2;
      marks.set(at, (marks.get(at) ?? 0) + 1);
    }
    const most = Math.max(...marks.values());
    const up = (count) => -Math.max(3, 12 * count / most);
    const d = [...marks].map(([at, count]) => `M${at} ${y + 17}v${up(count)}`).join("");
    const label = draw("text", { class: "label", x: axis.left, y }, title);
    chart.append(label, draw("path", { class: "tick", d }));
  });

  whenSized(place, (width) => {
    axis.right = width - 12;
    const perNs = (axis.right - axis.left) / (over - begin);
    axis.x = (time) => axis.left + (time - begin) * perNs;
    const within = (x) => Math.max(axis.left, Math.min(axis.right, x));
    axis.time = (x) => begin + (within(x) - axis.left) / perNs;
    chart.setAttribute("height", bottom + 22);
    chart.replaceChildren();
    const { values, label } = timeTicks(begin, over, width / 110);
    for (const time of values) {
      chart.append(draw("path", { class: "axis", d: `M${axis.x(time)} ${top}V${bottom + 4}` }));
      chart.append(draw("text", { x: axis.x(time), y: bottom + 17, "text-anchor": "middle" }, label(time)));
    }
    bars(axis.x);
    lines(axis.x);
    rows(axis.x);
    chart.append(band, guide);
    placeBand();
    readable(chart, bins.map(({ from, to }) => axis.x((from + to) / 2)), (at) => {
      const { from, to, ended, p50, p99 } = bins[at];
      const x = axis.x((from + to) / 2);
      guide.setAttribute("d", `M${x} ${top}V${bottom}`);
      guide.setAttribute("visibility", "visible");
      const others = ENDS.slice(1).map((name, at) => [ended[at + 1], name]);
      const shown = others.filter(([count, name]) => count > 0 || name !== "dropped");
      const ends = shown.map(([count, name]) => `, ${count} ${name}`).join("");
      const most = (ns) => (ns === null ? "longer than any" : `at most ${span(ns)}`);
      const latency = ended[0] ? ` · 50 % took ${most(p50)}, 99 % ${most(p99)}` : "";
      const found = strips.map(({ one, more, times, title, spans }) => {
        if (spans) return spans.some((span) => span[0] < to && span[1] >= from) ? ` · ${title}` : "";
        const count = search(times, to, 0, times.length) - search(times, from, 0, times.length);
        return count ? ` · ${count} ${count === 1 ? one : more}` : "";
      });
      said.show(`${span(from)} to ${span(to)}: `, `${ended[0]} ok${ends}`, latency + found.join(""));
    });
  });
  if (choose) dragged(chart, axis, choose);
  let [from, to] = [begin, over];
  function placeBand() {
    const all = from <= begin && to >= over;
    band.setAttribute("visibility", all ? "hidden" : "visible");
    band.setAttribute("x", axis.x(from));
    band.setAttribute("width", Math.max(1.5, axis.x(to) - axis.x(from)));
  }
  return (...time) => {
    [from, to] = time;
    placeBand();
  };
}

/** Calls `choose` with the time from where a drag began to where it is. */
function dragged(chart, axis, choose) {
  let start = null;
  const at = (event) => event.clientX - chart.getBoundingClientRect().left;
  chart.style.touchAction = "pan-y";
  chart.addEventListener("pointerdown", (event) => {
    start = at(event);
    chart.setPointerCapture(event.pointerId);
  });
  chart.addEventListener("pointermove", (event) => {
    if (start === null || Math.abs(at(event) - start) < 3) return;
    choose(axis.time(Math.min(start, at(event))), axis.time(Math.max(start, at(event))));
  });
  for (const name of ["pointerup", "pointercancel"]) chart.addEventListener(name, () => (start = null));
}

/** A number in little room. */
function compact(number) {
  const [size, unit] = [[1e6, " M"], [1e3, " k"], [1, ""]].find(([size]) => number >= size) ?? [1, ""];
  return `${+(number / size).toPrecision(3)}${unit}`;
}
