// What a relay answers to GET /metrics, as values a test can look at.
import assert from 'node:assert/strict';

import { within } from './deadline.js';

/**
 * `name{a="b"}` -> 1, for every sample of the text format. Checks that each line is one, and that each
 * family has its type.
 */
export function parse_metrics(text) {
  const samples = new Map();
  const types = new Map();
  for (const line of text.split('\n').filter(Boolean)) {
    const declared = /^# TYPE (\w+) (counter|gauge|histogram)$/.exec(line);
    if (declared) types.set(declared[1], declared[2]);
    if (line.startsWith('#')) continue;
    const [, series, value] = /^(\w+(?:\{[^{}]*\})?) (\S+)$/.exec(line) ?? assert.fail(line);
    const family = series.replace(/\{.*/, '').replace(/_(bucket|sum|count)$/, '');
    assert.ok(types.has(family) || types.has(series.replace(/\{.*/, '')), `no type: ${line}`);
    assert.ok(!samples.has(series), `twice: ${series}`);
    samples.set(series, Number(value));
  }
  return samples;
}

/** The text of GET /metrics at `url`. */
export async function scrape(url) {
  const answer = await within(fetch(`${url}/metrics`), 'metrics');
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  return answer.text();
}

/** By how much each series has moved since `before`; those that have not are left out. */
export function moved(before, after) {
  const changes = {};
  for (const [series, value] of after) {
    const by = value - (before.get(series) ?? 0);
    if (by !== 0) changes[series] = by;
  }
  return changes;
}
