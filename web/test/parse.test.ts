import { describe, expect, test } from 'vitest';

import { NotMetrics, parse } from '../src/parse.ts';

const first = (text: string) => parse(text).samples[0];

describe('parse', () => {
  test('reads names, labels and values', () => {
    expect(first('up 1')).toEqual({ name: 'up', labels: {}, value: 1 });
    expect(first('rejects_total{verb="EVENT",prefix="blocked"} 12.5')).toEqual({
      name: 'rejects_total',
      labels: { verb: 'EVENT', prefix: 'blocked' },
      value: 12.5,
    });
  });

  test('a time behind the value, and a comma behind the last label, are allowed', () => {
    expect(first('a{b="c",} 3 1395066363000')).toEqual({ name: 'a', labels: { b: 'c' }, value: 3 });
  });

  test('values may be infinite, unknown, or have an exponent', () => {
    expect(['+Inf', '-Inf', 'NaN', '1.5e-3'].map((text) => first(`a ${text}`)?.value)).toEqual([
      Infinity,
      -Infinity,
      NaN,
      0.0015,
    ]);
  });

  test('label values are unescaped, and may hold braces and spaces', () => {
    expect(first(String.raw`a{b="x\"y\\z\n{ } ,="} 1`)?.labels).toEqual({ b: 'x"y\\z\n{ } ,=' });
  });

  test('types are kept; other comments and empty lines are passed over', () => {
    const { types, samples } = parse('# HELP a says\n# TYPE a histogram\n\n# whatever\na_count 1\r\n');
    expect(types.get('a')).toBe('histogram');
    expect(samples).toHaveLength(1);
  });

  test.each(['<h1>Welcome</h1>', 'a', 'a{b="c} 1', 'a{b=c} 1', 'a one', '{"error":"x"}', '1a 2'])(
    'what is no metric is refused: %s',
    (text) => expect(() => parse(text)).toThrow(NotMetrics),
  );
});
