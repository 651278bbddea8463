// deploy/cloudrun: the script, the service and the pages that speak of them agree, and the script does what it says.
// Nothing here speaks to Google: gcloud and curl are stand-ins that note how they were called.
import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { parse } from 'yaml';

import { read_image } from './support/container.js';
import { run, temporary_folder } from './support/relay.js';

const tree = fileURLToPath(new URL('../../', import.meta.url));
const text_of = (path) => readFile(join(tree, path), 'utf8');
const script = join(tree, 'deploy/cloudrun/deploy.sh');
const costs = join(tree, 'script/costs');
const deploy = (args, options = {}) => run(args, { program: script, ms: 30_000, ...options });

async function dry_run(...args) {
  const { code, stdout, output } = await deploy(['--project', 'my-project', '--dry-run', ...args]);
  assert.equal(code, 0, output);
  return stdout.replaceAll('gcloud --project my-project --quiet ', 'gcloud ');
}

/** Commands in the page's ```sh blocks, each on one line. */
async function commands_in(page, heading) {
  const text = await text_of(page);
  const from = text.indexOf(`\n## ${heading}\n`);
  assert.ok(from >= 0, `${page} has a section ${heading}`);
  const section = text.slice(from, text.indexOf('\n## ', from + 1));
  return [...section.matchAll(/```sh\n(.*?)```/gs)].flatMap((block) =>
    block[1].replaceAll(/ \\\n\s*/g, ' ').split('\n').filter(Boolean),
  );
}

/** Stand-ins for gcloud and curl in a folder of their own; `calls()`: how they were called. */
async function stand_ins(t, gcloud = '') {
  const folder = await temporary_folder(t);
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const note = '#!/bin/bash\necho "${0##*/} $*" >>"$NOTES/calls"\n';
  const programs = {
    gcloud: `${note}case "$*" in
  *print-access-token*) echo secret-token ;;
  *'projects describe'*) echo 123456 ;;
  *'services replace'*) cat >"$NOTES/service.yaml" ;;
  ${gcloud}
esac\n`,
    curl: `${note}cat >>"$NOTES/bodies"\necho '{"name": "projects/my-project/rulesets/one"}'\n`,
  };
  for (const [name, program] of Object.entries(programs)) {
    await writeFile(join(bin, name), program);
    await chmod(join(bin, name), 0o755);
  }
  const noted = (name) => readFile(join(folder, name), 'utf8').catch(() => '');
  return {
    env: { PATH: `${bin}:${process.env.PATH}`, NOTES: folder },
    noted,
    calls: async () => (await noted('calls')).split('\n').filter(Boolean),
  };
}

describe('deploy.sh', () => {
  test('is a script, says what it does, and refuses what it does not understand', async () => {
    assert.equal((await run(['-n', script], { program: 'bash' })).code, 0);
    assert.match((await deploy(['--help'])).stdout, /^Usage: .*--dry-run.*--project my-project/s);
    const mistakes = [
      [[], /which project\? --project/],
      [['--project'], /--project needs a value/],
      [['--project', 'p', 'undo'], /undo is no option and no step/],
      [['--project', 'p', '--min-instances', '3', '--max-instances', '2'], /not above the second/],
      [['--project', 'p', '--relay-url', 'https://relay.example.com'], /begins with wss:/],
      [['--project', 'p|e reboot'], /a letter that no name of Google Cloud has/],
    ];
    for (const [args, told] of mistakes) {
      const { code, stderr } = await deploy(args);
      assert.equal(code, 2, args.join(' '));
      assert.match(stderr, told);
    }
  });

  test('--dry-run calls nobody', async (t) => {
    const { env, calls } = await stand_ins(t);
    assert.equal((await deploy(['--project', 'my-project', '--dry-run'], { env })).code, 0);
    assert.deepEqual(await calls(), []);
  });

  test('does what --dry-run prints, in its order', async (t) => {
    const { env, calls } = await stand_ins(t);
    const { code, output } = await deploy(['--project', 'my-project'], { env });
    assert.equal(code, 0, output);
    const printed = (await dry_run()).replaceAll("'", '').split('\n');
    const wanted = printed.filter((line) => line.startsWith('gcloud '));
    const done = (await calls()).map((line) => line.replace('--project my-project --quiet ', ''));
    assert.deepEqual(done.filter((line) => wanted.includes(line)), wanted);
    const others = done.filter((line) => !wanted.includes(line) && line.startsWith('gcloud '));
    for (const line of others) assert.match(line, /print-access-token|describe|composite list/);
  });

  test('creates every index and every exception of firestore.indexes.json', async () => {
    const { indexes, fieldOverrides } = JSON.parse(await text_of('deploy/cloudrun/firestore.indexes.json'));
    const lines = (await dry_run('indexes')).split('\n');
    const created = lines.filter((line) => line.includes(' composite create '));
    const of_index = ({ collectionGroup, queryScope, fields }) => [
      `--collection-group ${collectionGroup} --query-scope ${queryScope.toLowerCase()}`,
      ...fields.map(({ fieldPath, order, arrayConfig }) => {
        const how = order ? `order=${order}` : `array-config=${arrayConfig}`;
        return `--field-config=field-path=${fieldPath},${how.toLowerCase()}`;
      }),
    ];
    assert.deepEqual(
      created.map((line) => line.match(/(--collection-group .*) --async$/)[1]),
      indexes.map((index) => of_index(index).join(' ')),
    );
    const updated = lines.filter((line) => line.includes(' fields update '));
    const of_override = ({ collectionGroup, fieldPath, indexes }) =>
      [
        `update ${fieldPath} --collection-group ${collectionGroup}`,
        ...indexes.map(({ order }) => `--index=order=${order.toLowerCase()}`),
        ...(indexes.length === 0 ? ['--disable-indexes'] : []),
      ].join(' ');
    assert.deepEqual(
      updated.map((line) => line.match(/(update .*) --database/)[1]),
      fieldOverrides.map(of_override),
    );
  });

  test('what is there already is as good; any other failure ends it', async (t) => {
    const there = `*' create '*) echo 'ERROR: ALREADY_EXISTS: it already exists' >&2; exit 1 ;;`;
    const again = await stand_ins(t, there);
    const { code, output } = await deploy(['--project', 'my-project'], { env: again.env });
    assert.equal(code, 0, output);
    const denied = `*' create '*) echo 'ERROR: PERMISSION_DENIED' >&2; exit 1 ;;`;
    const refused = await stand_ins(t, denied);
    const failed = await deploy(['--project', 'my-project'], { env: refused.env });
    assert.notEqual(failed.code, 0);
    assert.match(failed.stderr, /databases create.* failed: ERROR: PERMISSION_DENIED/);
    assert.ok(!(await refused.calls()).some((call) => call.includes('services replace')));
  });

  test('publishes the rules whole, and the token is in no command line', async (t) => {
    const { env, calls, noted } = await stand_ins(t);
    const { code, output } = await deploy(['--project', 'my-project', '--database', 'relay', 'rules'], { env });
    assert.equal(code, 0, output);
    const [ruleset] = (await noted('bodies')).split(/^(?=\{)/m).map((body) => JSON.parse(body));
    assert.equal(ruleset.source.files[0].content, await text_of('deploy/cloudrun/firestore.rules'));
    const curls = (await calls()).filter((call) => call.startsWith('curl '));
    assert.match(curls[1], /-X PATCH .*\/releases\/cloud\.firestore\/relay$/);
    assert.ok(!curls.join().includes('secret-token'));
  });

  test('gives the relay one role, and everybody the right to connect', async () => {
    const roles = [...(await dry_run()).matchAll(/--member (\S+) --role (\S+)/g)].map((match) => match.slice(1));
    assert.deepEqual(roles, [
      ['serviceAccount:mls-gateway@my-project.iam.gserviceaccount.com', 'roles/datastore.user'],
      ['allUsers', 'roles/run.invoker'],
    ]);
  });
});

test('the rules let nobody in', async () => {
  const allowed = (await text_of('deploy/cloudrun/firestore.rules')).match(/allow .*/g);
  assert.deepEqual(allowed, ['allow read, write: if false;']);
});

describe('the service', () => {
  const deployed = async (t, ...args) => {
    const { env, noted } = await stand_ins(t);
    const { code, output } = await deploy(['--project', 'my-project', ...args, 'service'], { env });
    assert.equal(code, 0, output);
    const text = await noted('service.yaml');
    assert.doesNotMatch(text, /@[A-Z_]+@/);
    return parse(text);
  };

  test('is filled in', async (t) => {
    const { spec } = await deployed(t, '--database', 'relay', '--min-instances', '2', '--max-instances', '5');
    const { annotations } = spec.template.metadata;
    assert.equal(annotations['autoscaling.knative.dev/minScale'], '2');
    assert.equal(annotations['autoscaling.knative.dev/maxScale'], '5');
    const [container] = spec.template.spec.containers;
    assert.match(container.image, /^us-central1-docker\.pkg\.dev\/my-project\/mls-gateway\/mls-gateway:\d/);
    assert.deepEqual(Object.fromEntries(container.env.map(({ name, value }) => [name, value])), {
      GOOGLE_CLOUD_PROJECT: 'my-project',
      MLS_GATEWAY_EXTENSIONS_MLS_GATEWAY_FIRESTORE_DATABASE: 'relay',
      MLS_GATEWAY_AUTH_RELAY_URLS: 'wss://mls-gateway-123456.us-central1.run.app',
    });
    const named = await deployed(t, '--relay-url', 'wss://relay.example.com', '--image', 'example.com/relay:1');
    const [other] = named.spec.template.spec.containers;
    assert.equal(other.image, 'example.com/relay:1');
    assert.equal(other.env.at(-1).value, 'wss://relay.example.com');
  });

  test('is what the page says', async (t) => {
    const { spec } = await deployed(t);
    const { annotations } = spec.template.metadata;
    const scale = (end) => annotations[`autoscaling.knative.dev/${end}Scale`];
    const { containerConcurrency, timeoutSeconds, containers } = spec.template.spec;
    const said = {
      containerConcurrency,
      timeoutSeconds,
      '`minScale`, `maxScale`': `${scale('min')}, ${scale('max')}`,
      'cpu-throttling': annotations['run.googleapis.com/cpu-throttling'],
      startupProbe: `\`${containers[0].startupProbe.httpGet.path}\``,
      livenessProbe: `\`${containers[0].livenessProbe.httpGet.path}\``,
    };
    const page = await text_of('docs/deployment.md');
    for (const [name, value] of Object.entries(said)) {
      const row = `| ${name.includes('`') ? name : `\`${name}\``} | ${value} |`;
      assert.ok(page.includes(row), row);
    }
  });

  test('runs what is in the image, and is done before Cloud Run loses patience', async (t) => {
    const { spec } = await deployed(t);
    const [{ args, ports }] = spec.template.spec.containers;
    const [verb, , config] = args;
    assert.equal(verb, 'relay');
    const { copies } = await read_image();
    assert.ok(copies.some(([from]) => config.startsWith(`${from}/`)));
    const settings = await text_of(config);
    assert.equal(ports[0].containerPort, Number(settings.match(/^port = (\d+)/m)[1]));
    const drain_s = Number(settings.match(/^drain_s = (\d+)/m)[1]);
    assert.ok(drain_s + 4 < 10, 'docs/network.md: it ends at most 4 s after drain_s');
  });
});

describe('docs/deployment.md', () => {
  test('shows the commands that the script runs', async () => {
    const printed = (await dry_run()).split('\n');
    const shown = await commands_in('docs/deployment.md', 'Google Cloud Run and Firestore');
    const of_steps = shown.filter((line) => /^gcloud /.test(line) && !/ auth | logs read /.test(line));
    assert.ok(of_steps.length >= 10, `${of_steps.length} commands`);
    for (const line of of_steps) assert.ok(printed.includes(line), line);
  });

  test('names the steps in their order', async () => {
    const page = await text_of('docs/deployment.md');
    const named = [...page.matchAll(/^\*\*\d\. `(\w+)`/gm)].map((match) => match[1]);
    const steps = [...(await dry_run()).matchAll(/^== (\w+)$/gm)].map((match) => match[1]);
    assert.deepEqual(named, steps);
  });
});

describe('docs/costs.md', () => {
  test('has the table and the example that the script gives', async () => {
    const page = await text_of('docs/costs.md');
    const table = await run(['--table'], { program: costs });
    assert.equal(table.code, 0, table.output);
    assert.ok(page.includes(`\n${table.stdout}\n`), table.stdout);
    const [, words, shown] = page.match(/\$ script\/costs (.*)\n([^`]*)```/);
    const { stdout } = await run(words.split(' '), { program: costs });
    assert.equal(shown, stdout);
  });

  test('gives the attempts that the script reckons', async () => {
    const rows = [...(await text_of('docs/costs.md')).matchAll(/^\| (\d+) \| [\d.]+ \| ([\d.]+) \|$/gm)];
    assert.equal(rows.length, 4);
    for (const [, instances, attempts] of rows) {
      const { stdout } = await run(['--events-per-second', '100', '--instances', instances], { program: costs });
      assert.ok(stdout.includes(`after ${attempts} attempts`), `${instances} instances: ${stdout}`);
    }
  });

  test('gives the reads of an idle instance, as the script does', async () => {
    const rows = [...(await text_of('docs/costs.md')).matchAll(/^\| [^|]* (?:every|anew) [^|]* \| ([\d,]+) \|$/gm)];
    const sum = rows.reduce((total, [, number]) => total + Number(number.replaceAll(',', '')), 0);
    const { stdout } = await run(['--clients', '0'], { program: costs });
    assert.match(stdout, new RegExp(`a day without events +${(sum / 1000).toFixed(1)} k reads`));
  });

  test('more events, instances or a higher price never cost less', async () => {
    const month = async (...args) => {
      const { code, stdout, output } = await run(args, { program: costs });
      assert.equal(code, 0, output);
      return Number(stdout.match(/costs 30 days +\$([\d.]+)/)[1]);
    };
    const base = await month('--events-per-second', '50', '--instances', '3');
    assert.ok((await month('--events-per-second', '60', '--instances', '3')) > base);
    assert.ok((await month('--events-per-second', '50', '--instances', '4')) > base);
    assert.ok((await month('--events-per-second', '50', '--instances', '3', '--price-reads', '0.6')) > base);
  });

  test('a mistake on the command line is told', async () => {
    for (const args of [['--event', '3'], ['--instances'], ['--instances', 'many'], ['--instances', '0']]) {
      const { code, stderr } = await run(args, { program: costs });
      assert.equal(code, 2, args.join(' '));
      assert.match(stderr, /^script\/costs: --/);
    }
  });
});
