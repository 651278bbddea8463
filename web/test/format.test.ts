import { expect, test } from 'vitest';

import { bytes, count, duration, number, percent, span } from '../src/format.ts';

test('rates have about three figures', () => {
  expect([0, 0.254, 4.21, 9.96, 1204, 38_140, 2_500_000].map(number)).toEqual([
    '0', '0.25', '4.2', '10', '1,204', '38.1k', '2.5M',
  ]);
});

test('durations are in the unit that people would use', () => {
  expect([0, 0.00042, 0.0042, 0.042, 0.9999, 12].map(duration)).toEqual([
    '0 ms', '420 µs', '4.2 ms', '42 ms', '1.0 s', '12 s',
  ]);
});

test('sizes, parts, spans and counts', () => {
  expect([0, 999, 1500, 3_204_000_000].map(bytes)).toEqual(['0 B', '999 B', '1.5 kB', '3.2 GB']);
  expect([0, 0.004, 0.37].map(percent)).toEqual(['0 %', '0.4 %', '37 %']);
  expect([12, 130, 7_500, 280_000].map(span)).toEqual(['12 s', '2 min', '2 h 5 min', '3 d 5 h']);
  expect([999_999, 2_500_000].map(count)).toEqual(['999,999', '2.50M']);
});

test('what is not known is a dash', () => {
  expect([number, count, duration, bytes, percent, span].map((form) => form(NaN))).toEqual(new Array(6).fill('–'));
});
