/** The page: a shop decided by flags, and beside it why. */

import './styles/base.css';
import './styles/shop.css';
import './styles/inspector.css';
import { put } from './dom.js';
import { flagsPanel } from './inspector/flags.js';
import { resultsPanel } from './inspector/results.js';
import { segmentsPanel } from './inspector/segments.js';
import { signaturePanel } from './inspector/signature.js';
import { visitorPanel } from './inspector/visitor.js';
import { start } from './session.js';
import { shop } from './shop.js';

const session = await start();
const [page, inspector] = ['shop', 'inspector'].map((id) => document.getElementById(id));
if (page && inspector) {
  // The shop never waits for what explains it.
  session.watch(() => put(page, ...shop(session)));
  const keys = await session.keys();
  put(inspector, visitorPanel(session), flagsPanel(session, keys), signaturePanel(session), resultsPanel(session), segmentsPanel(session));
  document.body.dataset.ready = 'true';
}
