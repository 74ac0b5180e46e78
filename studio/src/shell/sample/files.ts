/** The rules of examples/shop, and their lists, as text: taken when the page is built. */

import type { Files } from '../session.js';

const FOLDER = '../../../../examples/shop/';
const found = import.meta.glob<string>(['../../../../examples/shop/**/*.yaml', '../../../../examples/shop/lists/*.csv'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

export const FILES: Files = Object.fromEntries(Object.entries(found).map(([path, text]) => [path.slice(FOLDER.length), text]));
