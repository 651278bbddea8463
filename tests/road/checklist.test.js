// tests/checklist.md names tests that are there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const tests = new URL('../', import.meta.url);
const text = (path) => readFileSync(new URL(path, tests), 'utf8');

/** Pairs of a file and the name that is looked for in it. */
function named(table) {
  const names = table.matchAll(/`((?:road|unit|contract)\/[\w/.]+)`: (.+?)(?= <br> | \|$)/gm);
  return [...names].map(([, file, name]) =>
    file.startsWith('road/')
      ? [`${file}.test.js`, name]
      : [file, new RegExp(`TEST(_[FP])?\\(${name.replace('.', ', ')}\\)`)],
  );
}

test('every test that the checklist names is there', () => {
  const names = named(text('checklist.md'));
  assert.ok(names.length > 100, `${names.length} names were read`);
  const missing = names.filter(([file, name]) => {
    const source = text(file);
    return typeof name === 'string' ? !source.includes(name) : !name.test(source);
  });
  assert.deepEqual(missing, []);
});
