/** The page: a shop decided by flags, and beside it why; or the shop alone, as the studio previews it. */

import './styles/base.css';
import './styles/shop.css';
import './styles/inspector.css';
import { put } from './dom.js';
import { flagsPanel } from './inspector/flags.js';
import { resultsPanel } from './inspector/results.js';
import { segmentsPanel } from './inspector/segments.js';
import { signaturePanel } from './inspector/signature.js';
import { visitorPanel } from './inspector/visitor.js';
import { PERSONAS } from './personas.js';
import { asked } from './preview.js';
import { start } from './session.js';
import { shop } from './shop.js';

const preview = asked(location.hash);
const session = await start(preview ?? { context: PERSONAS[0]?.context ?? {}, counts: true });
const [page, inspector] = ['shop', 'inspector'].map((id) => document.getElementById(id));
if (page && inspector) {
  // The shop never waits for what explains it.
  session.watch(() => put(page, ...shop(session)));
  if (preview) {
    inspector.remove();
    document.body.dataset.preview = '';
    addEventListener('hashchange', () => {
      const next = asked(location.hash);
      if (next) session.become(next.context, next.counts);
    });
  } else {
    await inspect(inspector);
  }
  document.body.dataset.ready = 'true';
}

async function inspect(inspector: HTMLElement): Promise<void> {
  const keys = await session.keys();
  put(inspector, visitorPanel(session), flagsPanel(session, keys), signaturePanel(session), resultsPanel(session), segmentsPanel(session));
}
