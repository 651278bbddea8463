import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const squeezable = /\.(html|css|js|svg)$/;

/** Writes a .gz beside every text, so that the relay need not compress what never changes. */
function gzip_copies(folder: string): Plugin {
  return {
    name: 'gzip-copies',
    apply: 'build',
    closeBundle() {
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        if (!entry.isFile() || !squeezable.test(entry.name)) continue;
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  base: '/dashboard/',
  build: {
    outDir: 'dist',
    target: 'es2022',
    assetsInlineLimit: 0, // the content security policy knows no data: addresses
    modulePreload: { polyfill: false },
  },
  plugins: [gzip_copies(join(import.meta.dirname, 'dist'))],
  test: { include: ['test/**/*.test.ts'] },
});
