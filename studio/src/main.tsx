/** The studio: four places, named for what people do in them. */

import './styles/base.css';
import './styles/controls.css';
import './styles/data.css';
import './styles/overlay.css';
import './styles/shell.css';
import { createRoot, hydrateRoot } from 'react-dom/client';
import { App } from './shell/app.js';

const root = document.getElementById('studio');
// A page that was built has its first screen; the development server's has not.
if (root?.hasChildNodes()) hydrateRoot(root, <App />);
else if (root) createRoot(root).render(<App />);
void import('./shell/begin.js').then(({ begin }) => begin());
