// The whole history, a lane per client, and the ways to move about in it.

const LEAST_NS = 500;
const MOST_HIGH = HEAD + 26 * ROW;

/** Draws the history; `moved` is told which time is in view. Returns how to look at another. */
function timeline(place, history, moved) {
  const view = { from: history.begin, to: history.over, at: null };
  const said = detail("Point at an operation, or step through them with the arrow keys.");
  const range = element("output");
  const name = "All operations over time";
  const canvas = element("canvas", { tabindex: 0, role: "application", "aria-label": name });
  const lanes = element("div", { class: "lanes" }, canvas);
  const spacer = element("div");
  lanes.append(spacer);
  const tools = element("div", { class: "tools" });
  for (const [text, act] of [
    ["Zoom in", () => zoom(0.4)], ["Zoom out", () => zoom(2.5)],
    ["Earlier", () => pan(-0.5)], ["Later", () => pan(0.5)],
    ["All", () => look(history.begin, history.over)],
  ]) {
    const button = element("button", { type: "button" }, text);
    button.addEventListener("click", act);
    tools.append(button);
  }
  tools.append(range);
  place.append(tools, lanes, legend(), said.output);

  let width = 0;
  let pending = 0;
  const height = () => Math.min(history.clients.length * ROW + HEAD, MOST_HIGH);
  const x = (time) => GUTTER + (width - GUTTER) * ((time - view.from) / (view.to - view.from));
  const time = (at) => view.from + (view.to - view.from) * ((at - GUTTER) / (width - GUTTER));
  const redraw = () => (pending ||= requestAnimationFrame(() => {
    pending = 0;
    paint(canvas, history, view, { width, height: height(), scroll: lanes.scrollTop, x, time });
  }));

  function look(from, to, lane) {
    const size = Math.min(history.over - history.begin, Math.max(LEAST_NS, to - from));
    const middle = (from + to) / 2;
    view.from = Math.max(history.begin, Math.min(history.over - size, middle - size / 2));
    view.to = view.from + size;
    if (lane !== undefined) lanes.scrollTop = lane * ROW - height() / 2;
    range.textContent = `${span(view.from)} to ${span(view.to)}`;
    moved(view.from, view.to);
    redraw();
  }
  function zoom(factor, around = (view.from + view.to) / 2) {
    look(around - (around - view.from) * factor, around + (view.to - around) * factor);
  }
  function pan(share) {
    const by = (view.to - view.from) * share;
    look(view.from + by, view.to + by);
  }
  function select(i) {
    if (view.at === i) return;
    view.at = i;
    if (i === null) said.clear();
    else said.show(...history.describe(i));
    redraw();
  }

  lanes.addEventListener("scroll", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  pointed(canvas, {
    pan: (pixels) => pan(-pixels / (width - GUTTER)),
    zoom: (factor, at) => zoom(factor, time(at)),
    point: (at, y) => {
      const lane = Math.floor((y - HEAD + lanes.scrollTop) / ROW);
      select(nearest(history, lane, time(at), time(at + 4) - time(at)));
    },
  });
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = {
      "+": () => zoom(0.5), "-": () => zoom(2), PageUp: () => pan(-0.5), PageDown: () => pan(0.5),
      Home: () => look(history.begin, history.over),
      ArrowLeft: () => step(-1, 0), ArrowRight: () => step(1, 0),
      ArrowUp: () => step(0, -1), ArrowDown: () => step(0, 1),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  });
  /** To the operation before or after in its lane, or to one of the same time in another. */
  function step(along, across) {
    const i = view.at ?? nearest(history, 0, view.from, Infinity);
    if (i === null) return;
    const lane = Math.max(0, Math.min(history.clients.length - 1, history.lane[i] + across));
    const other = along ? neighbour(history, i, along) : nearest(history, lane, history.call[i], Infinity);
    const to = view.at === null ? i : other;
    if (to === null) return;
    const size = view.to - view.from;
    if (history.call[to] < view.from || history.end[to] > view.to) {
      look(history.call[to] - size / 2, history.call[to] + size / 2);
    }
    const y = history.lane[to] * ROW;
    const isInSight = y >= lanes.scrollTop && y <= lanes.scrollTop + height() - HEAD - ROW;
    if (!isInSight) lanes.scrollTop = y - height() / 2;
    select(to);
  }

  whenSized(place, (to) => {
    width = to;
    spacer.style.height = `${Math.max(0, history.clients.length * ROW + HEAD - height())}px`;
    look(view.from, view.to);
  });
  return look;
}

/** The pointer's doings: dragging pans, the wheel with Ctrl or Shift zooms or pans. */
function pointed(canvas, acts) {
  let last = null;
  canvas.addEventListener("pointerdown", (event) => {
    last = event.clientX;
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (last !== null && event.buttons) {
      acts.pan(event.clientX - last);
      last = event.clientX;
    }
    acts.point(event.offsetX, event.offsetY);
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (last = null));
  canvas.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) acts.zoom(1.002 ** event.deltaY, event.offsetX);
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      acts.pan(-(event.deltaX || event.deltaY));
    } else return;
    event.preventDefault();
  }, { passive: false });
}

/** The operation of a lane that is closest to a time, within `reach`. */
function nearest(history, lane, time, reach) {
  let best = null;
  let least = reach;
  if (lane < 0 || lane >= history.clients.length) return null;
  for (let g = lane * 3; g < lane * 3 + 3; g++) {
    const [start, stop] = [history.starts[g], history.starts[g + 1]];
    const at = search(history.reach, time, start, stop);
    for (const near of [at - 1, at, at + 1]) {
      if (near < start || near >= stop) continue;
      const i = history.places[near];
      const away = Math.max(history.call[i] - time, time - history.end[i], 0);
      if (away <= least) [best, least] = [i, away - 1e-9];
    }
  }
  return best;
}

/** The next operation of the same client, in either direction. */
function neighbour(history, i, along) {
  for (let other = i + along; other >= 0 && other < history.count; other += along) {
    if (history.lane[other] === history.lane[i]) return other;
  }
  return null;
}
