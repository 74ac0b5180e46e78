/** The first screen as HTML: tools/first-screen.mjs puts it into the page. */

import { renderToString } from 'react-dom/server';
import { App } from './app.js';

export const html = (): string => renderToString(<App />);
