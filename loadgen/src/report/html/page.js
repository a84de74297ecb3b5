// Draws each run when it comes into sight.

function drawRun(run) {
  const begun = performance.now();
  const script = run.querySelector("script.data");
  const { latency, series, events, history: packed } = JSON.parse(script.textContent);
  script.remove();
  const chart = (name) => run.querySelector(`.${name} .chart`);
  if (latency) percentiles(chart("latency"), latency);
  if (packed) {
    const history = new History(packed);
    let mark = () => {};
    const look = timeline(chart("history"), history, (from, to) => mark(from, to));
    mark = timeCharts(chart("over-time"), ofHistory(history, events), look);
    const places = run.querySelectorAll(".proofs article .chart");
    history.witnesses.forEach((witness, at) => proof(places[at], history, witness, (...time) => {
      look(...time);
      run.querySelector(".history").scrollIntoView({ block: "center" });
    }));
  } else if (series) {
    timeCharts(chart("over-time"), ofSeries({ ...series, events }));
  }
  // Charts are drawn once their width is known, which is before the frame after the next.
  requestAnimationFrame(() => requestAnimationFrame(() => {
    run.dataset.drawnMs = Math.round(performance.now() - begun);
  }));
}

document.documentElement.classList.add("js");
const patterns = { width: 0, height: 0, style: "position: absolute", "aria-hidden": "true" };
document.body.prepend(draw("svg", patterns, hatching()));
const inSight = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    inSight.unobserve(target);
    // What stands there as text is painted first.
    requestAnimationFrame(() => setTimeout(() => drawRun(target)));
  }
}, { rootMargin: "100%" });
for (const run of document.querySelectorAll(".run")) inSight.observe(run);
