import { describe, expect, test } from 'vitest';

import { parse } from '../src/parse.ts';
import { History, increase, quantile, quantiles, rate, sum } from '../src/series.ts';

const started = (at: number) => `process_start_time_seconds ${at}\n`;
const hits = (value: number) => `# TYPE hits_total counter\nhits_total ${value}\n`;

/** Readings every 2 seconds; undefined: the relay said nothing. */
function history_of(texts: readonly (string | undefined)[], capacity = 100): History {
  const history = new History(capacity);
  for (const [index, text] of texts.entries()) {
    if (text === undefined) history.add_gap(index * 2);
    else history.add(index * 2, parse(text));
  }
  return history;
}

const of = (history: History, name = 'hits_total') => history.columns(name);

describe('rate', () => {
  test('is the growth over the window before each reading', () => {
    const history = history_of([hits(100), hits(104), hits(104), hits(124)]);
    expect(rate(history, of(history), 2)).toEqual([NaN, 2, 0, 10]);
    expect(rate(history, of(history), 6)).toEqual([NaN, 2, 1, 4]);
  });

  test('a counter that starts again at nothing counts on', () => {
    const history = history_of([started(1) + hits(100), started(9) + hits(6), started(9) + hits(8)]);
    expect(rate(history, of(history), 2)).toEqual([NaN, 3, 1]);
    expect(history.restarts).toEqual([2]);
  });

  test('a restart is seen by the start time where the counter is already higher', () => {
    const history = history_of([started(1) + hits(10), started(9) + hits(16)]);
    expect(rate(history, of(history), 2)).toEqual([NaN, 8]);
  });

  test('a counter that is missing after a restart is still, not gone', () => {
    const history = history_of([started(1) + hits(10), started(9), started(9) + hits(4)]);
    expect(rate(history, of(history), 2)).toEqual([NaN, 0, 2]);
  });

  test('a counter that appears while we look on has counted from nothing', () => {
    const history = history_of([started(1), started(1) + hits(6)]);
    expect(rate(history, of(history), 2)).toEqual([NaN, 3]);
  });

  test('of readings further apart than the window is that since the one before', () => {
    const history = new History(10);
    for (const [at, value] of [[0, 5], [2, 7], [62, 67]] as const) history.add(at, parse(hits(value)));
    expect(rate(history, of(history), 10)).toEqual([NaN, 1, 1]);
  });

  test('is unknown while the relay is silent, and for the first reading after it', () => {
    const history = history_of([hits(0), hits(2), undefined, undefined, hits(9), hits(11)]);
    expect(rate(history, of(history), 2)).toEqual([NaN, 1, NaN, NaN, NaN, 1]);
  });
});

describe('increase', () => {
  test('spans silence and restarts', () => {
    const history = history_of([started(1) + hits(5), undefined, started(9) + hits(3)]);
    expect(increase(history, of(history), 0)).toBe(3);
  });

  test('starts at the first reading of the range', () => {
    const history = history_of([hits(1), hits(10), hits(12)]);
    expect(increase(history, of(history), 2)).toBe(2);
    expect(increase(history, of(history), 99)).toBe(0);
  });
});

describe('History', () => {
  test('keeps the newest readings only, in order', () => {
    const history = history_of([1, 2, 3, 4, 5].map((value) => `level ${value}\n`), 3);
    expect(history.length).toBe(3);
    expect(sum(history, history.columns('level'))).toEqual([3, 4, 5]);
    expect([0, 1, 2].map((index) => history.time(index))).toEqual([4, 6, 8]);
    expect(history.time(3)).toBeNaN();
  });

  test('series that differ in labels alone are apart, in whatever order the labels come', () => {
    const history = history_of(['a{x="1",y="2"} 5\na{x="2"} 7\n', 'a{y="2",x="1"} 6\na{x="2"} 8\n']);
    expect(history.columns('a')).toHaveLength(2);
    expect(sum(history, history.columns('a', (labels) => labels['x'] === '1'))).toEqual([5, 6]);
  });

  test('a gauge that is missing is unknown; one that falls is no restart', () => {
    const history = history_of(['level 5\nother 1\n', 'other 1\n', 'level 2\nother 1\n']);
    expect(sum(history, history.columns('level'))).toEqual([5, NaN, 2]);
  });
});

describe('quantile', () => {
  const buckets = [
    { upper: 0.1, count: 50 },
    { upper: 0.5, count: 90 },
    { upper: Infinity, count: 100 },
  ];

  test('is linear within its bucket', () => {
    expect(quantile(0.25, buckets)).toBeCloseTo(0.05);
    expect(quantile(0.7, buckets)).toBeCloseTo(0.3);
  });

  test('above the last bound it is that bound', () => expect(quantile(0.99, buckets)).toBe(0.5));

  test('of nothing it is unknown', () => {
    expect(quantile(0.5, [])).toBeNaN();
    expect(quantile(0.5, [{ upper: Infinity, count: 0 }])).toBeNaN();
  });

  test('of a histogram it is made of what was observed within the window', () => {
    const text = (low: number, all: number) =>
      `# TYPE t histogram\nt_bucket{le="1"} ${low}\nt_bucket{le="2"} ${all}\nt_bucket{le="+Inf"} ${all}\n`;
    const history = history_of([text(1000, 1000), text(1000, 1010), text(1000, 1010)]);
    const [median] = quantiles(history, 't', [0.5], 2);
    expect(median).toEqual([NaN, 1.5, NaN]);
  });
});
