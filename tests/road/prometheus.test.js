// A real Prometheus scrapes the relay: the rules that ship load, the specification’s queries give
// numbers, alerts fire.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { eventually } from './support/deadline.js';
import { alice_and_bob } from './support/gathering.js';
import { gift_wrap, opaque_message, Person } from './support/person.js';
import { Prometheus, promtool } from './support/prometheus.js';
import { Relay, free_port, temporary_folder } from './support/relay.js';

const shipped = (file) =>
  fileURLToPath(new URL(`../../deploy/prometheus/${file}`, import.meta.url));
const alerts = await readFile(shipped('alerts.yml'), 'utf8');
const dashboard = JSON.parse(
  await readFile(new URL('../../deploy/grafana/mls-gateway.json', import.meta.url), 'utf8'),
);
const dashboard_queries = () => [
  ...dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ title, expr })),
  ),
  ...dashboard.annotations.list.map(({ name, expr }) => ({ title: name, expr })),
];

async function measured(t, overrides = {}) {
  const bind = `127.0.0.1:${await free_port()}`;
  const relay = await Relay.of(t, { metrics: { bind }, ...overrides });
  return { relay, bind };
}

test('promtool takes the rules and the sample configuration', async () => {
  assert.match(
    (await promtool(['check', 'rules', shipped('alerts.yml')])).stdout,
    /SUCCESS: 15 rules/,
  );
  assert.match((await promtool(['check', 'config', shipped('prometheus.yml')])).stdout, /SUCCESS/);
});

test('the specification’s queries and the dashboard’s give numbers, and every rule is evaluated', async (t) => {
  const { relay, bind } = await measured(t);
  const prometheus = await Prometheus.of(t, { targets: [bind], rules: { 'alerts.yml': alerts } });
  await eventually(async () => (await prometheus.query('up'))[0]?.value === 1, 'the first scrape');
  const { h, alice_at } = await alice_and_bob(relay);
  /** Talks in the group until `expression` gives a series that is `wanted`; gives that one. */
  const series_of = (expression, wanted) =>
    eventually(
      async () => {
        await alice_at.post(opaque_message(h, { tags: [['k', '1']] }));
        return (await prometheus.query(expression)).find(wanted);
      },
      `numbers of ${expression}`,
      { ms: 30_000, every_ms: 250 },
    );

  await series_of(
    'rate(mls_gateway_events_processed_total[5m])',
    ({ labels, value }) => labels.kind === '445' && value > 0,
  );
  await series_of(
    'rate(mls_gateway_errors_total[5m]) / rate(mls_gateway_events_processed_total[5m])',
    ({ labels, value }) => labels.kind === '445' && value === 0,
  );
  await series_of(
    'rate(mls_gateway_db_operation_duration_seconds_sum[5m]) / ' +
      'rate(mls_gateway_db_operation_duration_seconds_count[5m])',
    ({ labels, value }) => labels.operation === 'append' && value > 0,
  );
  // A group's own entry moves once a minute, so another group is founded.
  await alice_and_bob(relay);
  await series_of('increase(mls_gateway_groups_updated_total[1h])', ({ value }) => value > 0);
  await series_of(
    'histogram_quantile(0.95, mls_gateway_db_operation_duration_seconds_bucket)',
    ({ labels, value }) => labels.operation === 'append' && value > 0,
  );

  const evaluated = () =>
    prometheus.rules().then((rules) => rules.every(({ health }) => health === 'ok'));
  await eventually(evaluated, 'every rule to be evaluated');
  const rules = await prometheus.rules();
  assert.equal(rules.length, 15);
  for (const { title, expr } of dashboard_queries()) {
    const expression = expr
      .replaceAll('$instance', '.*')
      .replaceAll('$__rate_interval', '1m')
      .replaceAll('$__interval', '1m');
    const found = await prometheus.query(expression);
    // What is only shown while it happens may not have happened.
    if (!/> 0$/.test(expression)) assert.ok(found.length > 0, `${title}: ${expression}`);
  }
  for (const quiet of ['HighErrorRate', 'RelayDown', 'CommitsFailing', 'StoreNearlyFull'])
    assert.equal(rules.find(({ name }) => name === quiet).state, 'inactive', quiet);
});

test('it scrapes the relay’s own port with the token', async (t) => {
  const token = 'a-token-of-the-operator';
  const relay = await Relay.of(t, { metrics: { token } });
  const targets = [`127.0.0.1:${relay.port}`];
  const prometheus = await Prometheus.of(t, { targets, rules: {}, token });
  await eventually(
    async () => (await prometheus.query('mls_gateway_ready'))[0]?.value === 1,
    'what was scraped',
  );
});

test('HighErrorRate fires, as it ships, while events are answered error:', async (t) => {
  const folder = await temporary_folder(t);
  const stuck = join(folder, 'stuck.sh');
  await writeFile(stuck, '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 });
  const policy = { plugin: stuck, timeout_ms: 20 };
  const { relay, bind } = await measured(t, { 'extensions.write_policy': policy });
  const prometheus = await Prometheus.of(t, { targets: [bind], rules: { 'alerts.yml': alerts } });
  await eventually(async () => (await prometheus.query('up'))[0]?.value === 1, 'the first scrape');
  const alice = new Person();
  const at = await relay.connect(alice);
  let fired = false;
  const fails = async () => {
    while (!fired)
      assert.match(await at.rejection(gift_wrap(alice, alice.pubkey, { kind: 14 })), /^error: /);
  };
  const failing = fails();
  const alert = await prometheus.firing('HighErrorRate');
  fired = true;
  await failing;
  assert.equal(alert.labels.kind, '1059');
  assert.equal(alert.labels.severity, 'warning');
  assert.equal(alert.annotations.summary, 'High error rate in MLS Gateway');
  assert.equal(alert.annotations.runbook_url, 'docs/operations.md#higherrorrate');
});

test('RelayDown fires when the relay is gone', async (t) => {
  const { relay, bind } = await measured(t);
  const impatient = alerts.replaceAll(/ for: \d+m$/gm, ' for: 1s');
  const prometheus = await Prometheus.of(t, {
    targets: [bind],
    rules: { 'alerts.yml': impatient },
  });
  await eventually(async () => (await prometheus.query('up'))[0]?.value === 1, 'the first scrape');
  await relay.stop();
  const alert = await prometheus.firing('RelayDown');
  assert.equal(alert.labels.severity, 'critical');
  assert.match(alert.annotations.description, new RegExp(`^${bind} `));
});
