// What GET /metrics says of a relay that nobody runs: a text whose figures the tests choose.
const seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

class Histogram {
  counts = new Map();
  sum = 0;
  constructor(bounds) {
    this.bounds = bounds;
  }
  observe(value, times = 1) {
    const bound = this.bounds.find((upper) => value <= upper) ?? '+Inf';
    this.counts.set(bound, (this.counts.get(bound) ?? 0) + times);
    this.sum += value * times;
  }
  lines(name) {
    let total = 0;
    const buckets = [...this.bounds, '+Inf'].map((bound) => {
      total += this.counts.get(bound) ?? 0;
      return `${name}_bucket{le="${bound}"} ${total}`;
    });
    return [`# TYPE ${name} histogram`, ...buckets, `${name}_sum ${this.sum}`, `${name}_count ${total}`];
  }
}

/** A process: everything starts at nothing. */
export class Metrics {
  counters = new Map(); // `name{labels}` -> value
  gauges = new Map();
  publish = new Histogram(seconds);
  query = new Histogram(seconds);
  commit = new Histogram(seconds);
  commit_events = new Histogram([1, 2, 5, 10, 50, 100, 500, 1000]);

  constructor(started = Date.parse('2026-11-20T11:40:00Z') / 1000) {
    for (const kind of ['0', '1', '443', '445', '450', '1059', 'other'])
      this.add(`nostr_events_total{kind="${kind}"}`, 0);
    this.set('process_start_time_seconds', started);
    this.set('mls_gateway_build_info{version="0.1.0",backend="lmdb"}', 1);
    this.set('mls_gateway_ready', 1);
    for (const name of ['connections', 'subscriptions', 'writer_queue_depth', 'groups', 'key_packages'])
      this.set(`mls_gateway_${name}`, 0);
  }

  add(series, by = 1) {
    this.counters.set(series, (this.counters.get(series) ?? 0) + by);
  }

  set(series, value) {
    this.gauges.set(series, value);
  }

  events(kind, many) {
    this.add(`nostr_events_total{kind="${kind}"}`, many);
  }

  text() {
    const of = (type, series) => {
      const types = new Set([...series.keys()].map((key) => `# TYPE ${key.split('{')[0]} ${type}`));
      return [...types, ...[...series].map(([key, value]) => `${key} ${value}`)];
    };
    const lines = [
      ...of('counter', this.counters),
      ...of('gauge', this.gauges),
      ...this.publish.lines('mls_gateway_publish_duration_seconds'),
      ...this.query.lines('mls_gateway_query_duration_seconds'),
      ...this.commit.lines('mls_gateway_commit_duration_seconds'),
      ...this.commit_events.lines('mls_gateway_commit_events'),
    ];
    return `${lines.join('\n')}\n`;
  }
}
