// The real Prometheus (Debian's package) as a process of its own, scraping one relay every second.
import { spawn, execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { eventually, within } from './deadline.js';
import { free_port, temporary_folder } from './relay.js';

export const promtool = promisify(execFile).bind(null, 'promtool');

export class Prometheus {
  #child;

  /**
   * For one test. `targets`: "127.0.0.1:9464"; `rules`: files by name, as text; `token`: of the relay,
   * if it wants one.
   */
  static async of(t, { targets, rules, token }) {
    const prometheus = new Prometheus();
    const folder = await temporary_folder(t);
    const port = await free_port();
    prometheus.url = `http://127.0.0.1:${port}`;
    for (const [name, text] of Object.entries(rules)) await writeFile(join(folder, name), text);
    const scraped = {
      job_name: 'mls-gateway',
      static_configs: [{ targets }],
      ...(token && { authorization: { credentials: token } }),
    };
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: Object.keys(rules),
      scrape_configs: [scraped],
    };
    await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config)); // JSON is YAML
    prometheus.#start(folder, port);
    t.after(() => prometheus.#stop());
    await eventually(
      async () => (await fetch(`${prometheus.url}/-/ready`)).ok,
      'Prometheus to be ready (package prometheus; script/bootstrap installs it)',
      { ms: 30_000, every_ms: 100 },
    );
    return prometheus;
  }

  #start(folder, port) {
    this.#child = spawn(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'tsdb')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    );
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', resolve);
      this.#child.once('error', resolve);
    });
  }

  async #stop() {
    this.#child.kill('SIGKILL');
    await within(this.ended, 'Prometheus to end');
  }

  async #api(path) {
    const answer = await within(fetch(`${this.url}/api/v1/${path}`), path);
    const { status, data, error } = await answer.json();
    if (status !== 'success') throw new Error(`${path}: ${error}`);
    return data;
  }

  /** [{labels, value}] of a PromQL expression, now. */
  async query(expression) {
    const { result } = await this.#api(`query?query=${encodeURIComponent(expression)}`);
    return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  /** Every loaded rule, as the API gives it. */
  async rules() {
    const { groups } = await this.#api('rules');
    return groups.flatMap(({ rules }) => rules);
  }

  /** Waits until an alert of this name fires; gives it. */
  firing(name) {
    const look = async () => {
      const { alerts } = await this.#api('alerts');
      return alerts.find(({ labels, state }) => labels.alertname === name && state === 'firing');
    };
    return eventually(look, `${name} to fire`, { ms: 30_000, every_ms: 200 });
  }
}
