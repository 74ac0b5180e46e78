// A key is enrolled in the studio, in three engines: the browser makes it and keeps it where no script can read it out.
import assert from 'node:assert/strict';
import { inEngines } from './engines.mjs';
import { assemble, serve } from './site.mjs';
import { STUDIO } from './studio.mjs';

/** The key that the browser keeps: whether it can be read out, and whether what it signs is genuine. */
async function judgeKept() {
  const open = await new Promise((resolve) => {
    const request = indexedDB.open('waft-studio-kept');
    request.onsuccess = () => resolve(request.result);
  });
  const key = await new Promise((resolve) => {
    const request = open.transaction('key').objectStore('key').get('approver');
    request.onsuccess = () => resolve(request.result);
  });
  open.close();
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
  const message = new TextEncoder().encode('a release');
  const signature = await crypto.subtle.sign('Ed25519', key.secret, message);
  const open25519 = await crypto.subtle.importKey('raw', bytes(key.publicKey), 'Ed25519', false, ['verify']);
  return [key.secret.extractable, await crypto.subtle.verify('Ed25519', open25519, signature, message)];
}

inEngines({
  async 'a key is made where no script can read it out, kept, and there after a reload'(t, engine) {
    const site = assemble();
    t.after(() => site.remove());
    const { url } = await serve({ ...site, folder: STUDIO });
    const tab = await engine.open();
    t.after(() => tab.close());
    await tab.goto(new URL('/#releases', url).href);
    await tab.until(() => document.querySelector('#enrol input.input') !== null);
    await tab.evaluate(() => {
      const input = document.querySelector('#enrol input.input');
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, 'anna');
      input.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await tab.until(() => {
      const make = document.querySelector('#enrol button[type="submit"]');
      if (make.disabled) return false;
      make.click();
      return true;
    });
    const kid = await tab.until(() => document.querySelector('[data-kid]')?.textContent);
    assert.deepEqual(await tab.evaluate(judgeKept), [false, true]);
    await tab.goto(new URL('/?again#releases', url).href);
    assert.equal(await tab.until(() => document.querySelector('[data-kid]')?.textContent), kid);
  },
});
