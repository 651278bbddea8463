// openapi.json, and whether an answer is one that it promises.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import Ajv2020 from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

const file = new URL('../../../src/extensions/mls_gateway/openapi.json', import.meta.url);
export const openapi = JSON.parse(readFileSync(file, 'utf8'));

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats(ajv);
ajv.addSchema(openapi, 'api');

const resolve = (object) =>
  object?.$ref
    ? object.$ref
        .slice(2)
        .split('/')
        .reduce((at, name) => at[name], openapi)
    : object;

const matches = (template, path) =>
  new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path);

/** The path of the document that `path` is one of; what is written out comes first. */
export const template_of = (path) =>
  Object.keys(openapi.paths)
    .sort((a, b) => a.includes('{') - b.includes('{'))
    .find((template) => matches(template, path.split('?')[0]));

/** Fails unless the document has this answer to this call, with this body and the headers that belong to it. */
export function check_answer(method, path, { status, headers, body, text }) {
  const call = openapi.paths[template_of(path)]?.[method.toLowerCase()];
  if (!call)
    return assert.ok(
      [204, 404, 405].includes(status) || method === 'HEAD',
      `${method} ${path}: ${status}`,
    );
  const what = `${method} ${path}: ${status} ${text?.slice(0, 300)}`;
  const promised = resolve(call.responses[status]);
  assert.ok(promised, `not in openapi.json: ${what}`);
  for (const [name, header] of Object.entries(promised.headers ?? {}))
    if (resolve(header).required)
      assert.match(headers.get(name) ?? '', /^[1-9][0-9]*$/, `${name}: ${what}`);
  const schema = promised.content?.['application/json']?.schema;
  if (!schema) return assert.equal(text, '', what);
  assert.equal(headers.get('content-type'), 'application/json', what);
  const valid = ajv.compile(schema.$ref ? { $ref: `api${schema.$ref}` } : schema);
  assert.ok(valid(body), `${what}\n${ajv.errorsText(valid.errors)}`);
}
