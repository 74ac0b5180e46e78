// React 18 and 19, each with its react-dom and the built waft/react, in a window of happy-dom. Import it before anything that asks for a
// window when it is imported.
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Window } from 'happy-dom';

const path = (of) => fileURLToPath(new URL(of, import.meta.url));
const FOLDERS = ['../../tests/react18', '..'].map(path);

/** A copy of the entry in a folder, where its `react` is that folder's. */
async function copyIn(folder, name) {
  const home = `${folder}/node_modules/.waft`;
  mkdirSync(home, { recursive: true });
  copyFileSync(path('../dist/react.js'), `${home}/${name}.mjs`);
  return import(`${home}/${name}.mjs`);
}

// On a server, where there is no window.
const SERVERS = await Promise.all(FOLDERS.map((folder) => copyIn(folder, 'server')));

const window = new Window({ url: 'http://127.0.0.1:9/' });
const { document, navigator, Node, Element, HTMLElement, HTMLIFrameElement } = window;
Object.assign(globalThis, { window, document, navigator, Node, Element, HTMLElement, HTMLIFrameElement, IS_REACT_ACT_ENVIRONMENT: true });

/** Everything of one major version. */
async function load(folder, at) {
  const require = createRequire(`${folder}/package.json`);
  const React = require('react');
  const { createRoot, hydrateRoot } = require('react-dom/client');
  const { renderToString } = require('react-dom/server');
  const [waft, second] = [await copyIn(folder, 'react'), await copyIn(folder, 'second')];
  return {
    version: React.version,
    React,
    h: React.createElement,
    createRoot,
    hydrateRoot,
    renderToString,
    waft,
    second,
    server: SERVERS[at],
  };
}

export const VERSIONS = await Promise.all(FOLDERS.map(load));

// What records asks for one, and that of happy-dom rejects where nobody listens.
delete globalThis.navigator;

/** Runs a test with each version; it is given the version's parts and a root. What React complains of fails it. */
export function each(test, name, body) {
  for (const world of VERSIONS) {
    test(`React ${world.version}: ${name}`, async (t) => {
      const { React, createRoot } = world;
      const complaints = [];
      t.mock.method(console, 'error', (...of) => complaints.push(of.map(String).join(' ')));
      const container = document.body.appendChild(document.createElement('div'));
      let root;
      const render = (element) => React.act(async () => (root ??= createRoot(container)).render(element));
      await body(t, { ...world, act: React.act, container, render });
      await React.act(async () => root?.unmount());
      container.remove();
      if (complaints.length) throw new Error(complaints.join('\n'));
    });
  }
}

/** Work, what React makes of it, and then what is left to timers. */
export async function settled(act, work = () => {}) {
  await act(async () => work());
  await act(() => new Promise((resolve) => setTimeout(resolve, 5)));
}
