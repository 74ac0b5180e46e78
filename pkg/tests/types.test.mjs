// The types of options, as the strictest compiler of a page sees them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const path = (of) => fileURLToPath(new URL(of, import.meta.url));
const STRICT = '--strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --verbatimModuleSyntax --isolatedModules';

for (const modules of ['--module nodenext', '--module esnext --moduleResolution bundler']) {
  test(`options that are undefined are as those that are left out: ${modules}`, () => {
    const options = `--ignoreConfig --noEmit ${STRICT} --skipLibCheck --target es2022 ${modules} --types node`.split(' ');
    const { status, stdout } = spawnSync(path('../../node_modules/.bin/tsc'), [...options, path('types/options.ts')], { encoding: 'utf8' });
    assert.equal(status, 0, stdout);
  });
}
