/** The studio: four places, named for what people do in them. */

import './styles/base.css';
import './styles/controls.css';
import './styles/data.css';
import './styles/overlay.css';
import './styles/shell.css';
import { options } from 'preact';
import { createRoot, hydrateRoot } from 'react-dom/client';
import { App } from './shell/app.js';

// What follows a change, such as that a question is asked, does not wait until the page was painted: whoever types fast is not ahead of it.
options.requestAnimationFrame = (run) => queueMicrotask(run);

const root = document.getElementById('studio');
// A page that was built has its first screen; the development server's has not.
if (root?.hasChildNodes()) hydrateRoot(root, <App />);
else if (root) createRoot(root).render(<App />);
void import('./shell/begin.js').then(({ begin }) => begin());
