// The history on its canvas: what is in view, and of that what can be told apart.

const ROW = 16;
const BAR = 12;
const HEAD = 26;
const GUTTER = 58;
const LETTER = 6.1;

/** Draws what `view` shows; `area` says how large that is and where times are in it. */
function paint(canvas, history, view, area) {
  const pen = prepared(canvas, area);
  const style = getComputedStyle(canvas);
  const colour = (name) => style.getPropertyValue(`--${name}`);
  const first = Math.floor(area.scroll / ROW);
  const last = Math.min(history.clients.length, Math.ceil((area.scroll + area.height - HEAD) / ROW));
  paintTimes(pen, view, area, colour);
  paintAnomalies(pen, history, view, area, colour("invalid"));
  clipped(pen, [GUTTER, HEAD, area.width - GUTTER, area.height - HEAD], () => {
    const fills = [colour("ok"), colour("paper"), hatched(pen, colour("unknown"), colour("paper"))];
    const strokes = [null, colour("fail"), colour("unknown")];
    const inside = [];
    for (let lane = first; lane < last; lane++) {
      const y = HEAD + lane * ROW - area.scroll + 2;
      for (let outcome = 0; outcome < 3; outcome++) {
        pen.fillStyle = fills[outcome];
        pen.strokeStyle = strokes[outcome] ?? fills[0];
        const label = (i, from, to) => {
          const text = to - from > 40 ? history.exchange(i) : "";
          const left = Math.max(from, GUTTER) + 4;
          const fits = left + text.length * LETTER < Math.min(to, area.width) - 2;
          if (text && fits) inside.push([text, left, y + 9.5, outcome]);
        };
        paintLane(pen, history, lane * 3 + outcome, view, area, y, strokes[outcome] !== null, label);
      }
    }
    paintTexts(pen, inside, colour);
    for (const { operations, wrong } of history.witnesses) {
      operations.forEach((i) => outline(pen, history, i, area, colour(i === wrong ? "invalid" : "soft")));
    }
    if (view.at !== null) outline(pen, history, view.at, area, colour("focus"));
  });
  clipped(pen, [0, HEAD, GUTTER, area.height - HEAD], () => {
    pen.font = "11px system-ui, sans-serif";
    pen.fillStyle = colour("soft");
    pen.textAlign = "right";
    for (let lane = first; lane < last; lane++) {
      pen.fillText(String(history.clients[lane]), GUTTER - 10, HEAD + lane * ROW - area.scroll + 12);
    }
  });
}

/** The canvas, empty and as large as it is shown. */
function prepared(canvas, { width, height }) {
  const ratio = window.devicePixelRatio || 1;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across || canvas.height !== down) {
    [canvas.width, canvas.height] = [across, down];
    canvas.style.height = `${height}px`;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}

function clipped(pen, box, act) {
  pen.save();
  pen.beginPath();
  pen.rect(...box);
  pen.clip();
  act();
  pen.restore();
}

/** What was exchanged, in bars with room for it. */
function paintTexts(pen, inside, colour) {
  pen.textAlign = "left";
  pen.font = "10px ui-monospace, Menlo, Consolas, monospace";
  for (const [text, left, y, outcome] of inside) {
    // On hatching, letters cannot be read.
    if (outcome === 2) {
      pen.fillStyle = colour("paper");
      pen.fillRect(left - 2, y - 8.5, text.length * LETTER + 3, 10.5);
    }
    pen.fillStyle = colour(outcome === 0 ? "paper" : OUTCOMES[outcome]);
    pen.fillText(text, left, y);
  }
}

function outline(pen, history, i, { x, scroll }, stroke) {
  const y = HEAD + history.lane[i] * ROW - scroll + 2;
  const [from, to] = [x(history.call[i]), x(history.end[i])];
  pen.lineWidth = 2;
  pen.strokeStyle = stroke;
  pen.strokeRect(from - 1, y - 1, Math.max(3, to - from + 2), BAR + 2);
}

/** The operations of a lane that ended one way. What falls within one pixel is drawn as one. */
function paintLane(pen, history, group, view, { x, time }, y, isRare, label) {
  const { starts, places, reach, call, end } = history;
  const stop = starts[group + 1];
  let [from, to] = [-1, -1];
  const flush = () => {
    if (to <= from) return;
    pen.fillRect(from, y, to - from, BAR);
    if (isRare) pen.strokeRect(from + 0.5, y + 0.5, Math.max(to - from - 1, 0.5), BAR - 1);
  };
  pen.lineWidth = 1;
  for (let at = search(reach, view.from, starts[group], stop); at < stop;) {
    const i = places[at];
    if (call[i] > view.to) break;
    const begin = Math.max(x(call[i]), -10);
    const over = Math.min(x(end[i]), x(view.to) + 10);
    if (over - begin >= 3) {
      flush();
      [from, to] = [begin, Math.max(begin + 1, over - 0.5)];
      flush();
      label(i, from, to);
      [from, to] = [-1, -1];
      at++;
    } else {
      const edge = Math.floor(begin) + 1;
      if (begin > to + 0.5 || from < 0) {
        flush();
        from = Math.floor(begin);
      }
      to = Math.max(edge, over);
      // On to the first that is over beyond this pixel.
      at = Math.max(at + 1, gallop(reach, time(edge), at, stop));
    }
  }
  flush();
}

/** As `search`, for what is probably near `low`. */
function gallop(values, value, low, high) {
  let step = 1;
  while (low + step < high && values[low + step] < value) step *= 2;
  return search(values, value, low + (step >> 1), Math.min(high, low + step + 1));
}

function hatched(pen, colour, paper) {
  const tile = new OffscreenCanvas(6, 6);
  const brush = tile.getContext("2d");
  brush.fillStyle = paper;
  brush.fillRect(0, 0, 6, 6);
  brush.strokeStyle = colour;
  brush.lineWidth = 2;
  for (const shift of [-6, 0, 6]) {
    brush.beginPath();
    brush.moveTo(shift - 1, 7);
    brush.lineTo(shift + 7, -1);
    brush.stroke();
  }
  return pen.createPattern(tile, "repeat");
}

function paintTimes(pen, view, { width, height, x }, colour) {
  pen.font = "11px system-ui, sans-serif";
  pen.fillStyle = colour("soft");
  pen.strokeStyle = colour("line");
  pen.lineWidth = 1;
  pen.textAlign = "center";
  const { values, label } = timeTicks(view.from, view.to, (width - GUTTER) / 120);
  for (const value of values) {
    const at = Math.round(x(value)) + 0.5;
    pen.beginPath();
    pen.moveTo(at, 15);
    pen.lineTo(at, height);
    pen.stroke();
    pen.fillText(label(value), Math.min(at, width - 24), 11);
  }
}

/** A mark for each anomaly in view; those of one pixel are one. */
function paintAnomalies(pen, history, view, { x }, colour) {
  pen.fillStyle = colour;
  for (const { times } of history.anomalies) {
    let drawn = -1;
    const first = search(times, view.from, 0, times.length);
    for (let at = first; at < times.length && times[at] <= view.to; at++) {
      const left = Math.round(x(times[at]));
      if (left > drawn) pen.fillRect((drawn = left) - 0.5, 16, 1.5, 7);
    }
  }
}
