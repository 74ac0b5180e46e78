/** Makes the sample's people: src/shell/sample/invent.ts. */

import { invent } from './invent.js';

addEventListener('message', ({ data }: MessageEvent<number>) => postMessage(new Blob([...invent(data)], { type: 'text/csv' })));
