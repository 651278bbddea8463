// The reference ACL service, a process of its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SIDECAR = fileURLToPath(new URL('../../../sidecar/acl.js', import.meta.url));
export const SIDECAR_TOKEN = 'only-for-this-test';

/** The sidecar with the membership of `groups`: {h: {pubkey: role}}. */
export class Sidecar {
  static async start(groups = {}) {
    const sidecar = new Sidecar();
    sidecar.folder = await mkdtemp(join(tmpdir(), 'mls-gateway-acl-'));
    sidecar.file = join(sidecar.folder, 'groups.json');
    await writeFile(sidecar.file, JSON.stringify(groups));
    await sidecar.run();
    return sidecar;
  }

  async run(port = 0) {
    const args = [
      SIDECAR,
      '--port',
      String(port),
      '--groups',
      this.file,
      '--token-env',
      'ACL_TOKEN',
    ];
    this.child = spawn('node', args, {
      env: { ...process.env, ACL_TOKEN: SIDECAR_TOKEN },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface(this.child.stdout), 'line');
    this.url = JSON.parse(line).listening;
  }

  async set(h, person, role) {
    const path = `${this.url}/v1/groups/${encodeURIComponent(h)}/members/${person.pubkey}`;
    const response = await fetch(path, {
      method: role ? 'PUT' : 'DELETE',
      headers: { authorization: `Bearer ${SIDECAR_TOKEN}`, 'content-type': 'application/json' },
      ...(role ? { body: JSON.stringify({ role }) } : {}),
    });
    assert.ok(response.ok, `${response.status}`);
  }

  async stop() {
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
  }

  async remove() {
    await this.stop();
    await rm(this.folder, { recursive: true });
  }
}
