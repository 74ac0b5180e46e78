/** The snapshot that a build for production is made with: a signed one, which the page's trust accepts. */

import { readFileSync } from 'node:fs';
import { Commands } from '../rules/commands.js';
import { THROW_AWAY } from '../rules/local.js';
import type { Trust } from '../types.js';

/** What a page for production has of rules. */
export interface Release {
  readonly trust: Trust;
  /** The snapshot's bytes; none where only the page knows them. */
  readonly snapshot: Uint8Array | undefined;
}

/** Reads both files. Throws unless the snapshot is one that a page with this trust adopts now. */
export function readRelease(trustPath: string | undefined, snapshotPath: string | undefined): Release {
  if (trustPath === undefined) {
    throw new Error(
      'waft: a build needs `trust`, the file of the keys that pages accept: rules of the development server are signed with a key that is thrown away',
    );
  }
  const trust = JSON.parse(readFileSync(trustPath, 'utf8')) as Trust;
  if (trust.require?.some(({ role }) => role === THROW_AWAY)) {
    throw new Error(
      `waft: ${trustPath} accepts the role \`${THROW_AWAY}\`, whose keys are thrown away: name the keys that sign your releases`,
    );
  }
  if (snapshotPath === undefined) return { trust, snapshot: undefined };
  new Commands(Date.now).run('verify', snapshotPath, '--trust', trustPath);
  return { trust, snapshot: readFileSync(snapshotPath) };
}
