/** What rules were opened from, in words. */

import type { Source } from '../shell/session.js';

export function named(source: Source): string {
  switch (source.kind) {
    case 'sample':
      return 'Sample rules';
    case 'files':
      return `Folder ${source.name}`;
    case 'serve':
      return 'Rules of this server';
  }
}
