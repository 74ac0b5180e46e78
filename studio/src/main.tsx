/** The studio: four places, named for what people do in them. */

import './styles/base.css';
import { createRoot } from 'react-dom/client';
import { App } from './shell/app.js';

const root = document.getElementById('studio');
if (root) createRoot(root).render(<App />);
