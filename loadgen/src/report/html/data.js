// The history as the page holds it: columns of numbers, decoded once, looked at by binary search.

const OPS = ["add", "read", "write", "cas", "take", "give", "move"];
const OUTCOMES = ["ok", "fail", "unknown"];
const ARRAYS = { i8: Int8Array, i16: Int16Array, i32: Int32Array, i64: BigInt64Array };
const LEAST = { i8: -(2 ** 7), i16: -(2 ** 15), i32: -(2 ** 31), i64: -(2n ** 63n) };

/** A column as a function from place to value: a number, a bigint, or null for none. */
function column(packed) {
  if ("all" in packed) {
    const all = packed.all === null ? null : BigInt(packed.all);
    const exact = all !== null && Number.isSafeInteger(Number(all)) ? Number(all) : all;
    return () => exact;
  }
  const binary = atob(packed.data);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  const values = new ARRAYS[packed.type](bytes.buffer);
  const none = LEAST[packed.type];
  return (place) => (values[place] === none ? null : values[place]);
}

/** Times from the differences between them, in nanoseconds. */
function sums(packed, count) {
  const difference = column(packed);
  const times = new Float64Array(count);
  for (let i = 0, time = 0; i < count; i++) times[i] = time += Number(difference(i));
  return times;
}

/** The first place in [low, high) whose value is at least `value`, in ascending `values`. */
function search(values, value, low, high) {
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

class History {
  constructor(data) {
    const { count, columns } = data;
    const { keys, texts, origin, witnesses } = data;
    Object.assign(this, { count, keys, texts, origin, witnesses });
    this.anomalies = data.anomalies.map((one) => ({ ...one, times: sums(one.times, one.count) }));
    for (const name of ["client", "kind", "arg", "new", "result", "object", "took"]) {
      this[name] = column(columns[name]);
    }
    this.call = sums(columns.call, count);
    this.#findLanes();
    this.#findEnds();
    this.#group();
  }

  /** A lane for each client, in the order of their numbers. */
  #findLanes() {
    const seen = new Set();
    for (let i = 0; i < this.count; i++) seen.add(this.client(i));
    this.clients = [...seen].sort((a, b) => a - b);
    const lanes = new Map(this.clients.map((client, lane) => [client, lane]));
    this.lane = new Int32Array(this.count);
    for (let i = 0; i < this.count; i++) this.lane[i] = lanes.get(this.client(i));
  }

  /** When each was over; without an answer, when its client began the next, or all was over. */
  #findEnds() {
    this.begin = this.count ? this.call[0] : 0;
    this.over = this.begin + 1;
    this.end = new Float64Array(this.count);
    for (let i = 0; i < this.count; i++) {
      const took = this.took(i);
      this.end[i] = took === null ? NaN : this.call[i] + Number(took);
      this.over = Math.max(this.over, this.call[i], this.end[i] || 0);
    }
    const next = new Float64Array(this.clients.length).fill(this.over);
    for (let i = this.count - 1; i >= 0; i--) {
      if (Number.isNaN(this.end[i])) this.end[i] = Math.max(this.call[i], next[this.lane[i]]);
      next[this.lane[i]] = this.call[i];
    }
  }

  /** Places by lane and outcome, in the order of time; `reach` is when all up to one were over. */
  #group() {
    const group = (i) => this.lane[i] * 3 + this.outcome(i);
    this.starts = new Int32Array(this.clients.length * 3 + 1);
    for (let i = 0; i < this.count; i++) this.starts[group(i) + 1]++;
    for (let g = 1; g < this.starts.length; g++) this.starts[g] += this.starts[g - 1];
    const free = this.starts.slice();
    this.places = new Int32Array(this.count);
    this.reach = new Float64Array(this.count);
    for (let i = 0; i < this.count; i++) {
      const g = group(i);
      const at = free[g]++;
      this.places[at] = i;
      this.reach[at] = at > this.starts[g] ? Math.max(this.end[i], this.reach[at - 1]) : this.end[i];
    }
  }

  outcome(i) {
    return (this.kind(i) >> 3) & 3;
  }

  /** Calls `draw` with each operation of a lane within a time; stops where it returns true. */
  within(lane, from, to, draw) {
    for (let g = lane * 3; g < lane * 3 + 3; g++) {
      const stop = this.starts[g + 1];
      for (let at = search(this.reach, from, this.starts[g], stop); at < stop; at++) {
        const i = this.places[at];
        if (this.call[i] > to || draw(i)) break;
      }
    }
  }

  /** Request and answer, as in `add 1 → 17`. */
  exchange(i) {
    const kind = this.kind(i);
    const op = OPS[kind & 7];
    const arg = this.#value(this.arg(i), (kind >> 7) & 3);
    let asked = op;
    if (op === "cas") asked += ` ${arg} to ${this.#value(this.new(i), (kind >> 9) & 3)}`;
    else if (op === "add" || op === "write" || this.arg(i) !== null) asked += ` ${arg}`;
    return `${asked} → ${this.#answer(i, op)}`;
  }

  #answer(i, op) {
    const result = this.result(i);
    if (this.outcome(i) !== 0) return this.outcome(i) === 1 ? "fail" : "?";
    if (result === null && op !== "read") return "ok";
    return this.#value(result, (this.kind(i) >> 5) & 3);
  }

  /** A number of a column, by what it is. */
  #value(number, what) {
    if (number === null) return "nothing";
    return [
      () => String(number),
      () => `${number} elements`,
      () => (Number(number) === 1 ? "yes" : "no"),
      () => this.texts[Number(number)],
    ][what]();
  }

  /** All there is to say about an operation: what was exchanged, and the rest. */
  describe(i) {
    const key = this.keys.length > 1 ? ` of ${this.keys[this.object(i) ?? 0]}` : "";
    const took = this.took(i);
    const ended = took === null
      ? "no answer came"
      : `returned ${span(this.end[i])}, took ${span(Number(took))}`;
    const rest = `${key} · ${OUTCOMES[this.outcome(i)]} · called ${span(this.call[i])}, ${ended}`;
    return [`client ${this.client(i)}: `, this.exchange(i), rest];
  }
}

const UNITS = [["s", 1e9], ["ms", 1e6], ["µs", 1e3], ["ns", 1]];

/** A time in its own unit, to the nanosecond where that is short. */
function span(ns) {
  const [unit, size] = UNITS.find(([, size]) => Math.abs(ns) >= size) ?? UNITS[3];
  return `${+(ns / size).toFixed(size === 1e9 ? 6 : 3)} ${unit}`;
}

/** Round values about `count` to a range, and their labels in one unit. */
function ticks(from, to, count) {
  const rough = Math.max((to - from) / count, 1e-9);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
  const values = [];
  for (let n = Math.ceil(from / step - 1e-9); n * step <= to + step * 1e-9; n++) values.push(n * step);
  return { values, step };
}

/** Ticks of time: with a unit for all, and as many decimals as the step needs. */
function timeTicks(from, to, count) {
  const { values, step } = ticks(from, to, count);
  const [unit, size] = UNITS.find(([, size]) => to >= size) ?? UNITS[3];
  const decimals = Math.max(0, -Math.floor(Math.log10(step / size) + 1e-9));
  return { values, label: (ns) => `${(ns / size).toFixed(decimals)} ${unit}` };
}
