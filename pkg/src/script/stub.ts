/**
 * `waft.stub.js`: what a page has inline above a script that is `async` or `defer`. It takes functions that are pushed before the script
 * comes, and hides what its own `data-antiflicker` names: also without the script, never longer than the maximum.
 */

import { hide } from './hide.js';

(globalThis as { waft?: unknown }).waft ??= [];
hide(document.currentScript as HTMLScriptElement | null);
