// Two ways to use a page, by one vocabulary, so that a journey is written once and walked by either: a pointer (or a finger), and the keyboard alone.
// Whatever is named is found by its role and its accessible name, as a screen reader would; what a dialog covers is not there.
import assert from 'node:assert/strict';

/** What a dialog leaves to be used: itself. */
const free = (page, elements = '*') => page.locator(`:is(${elements}):is(dialog:modal *, :root:not(:has(dialog:modal)) *)`);
const one = (page, role, name) =>
  page
    .getByRole(role, { name, exact: typeof name === 'string' })
    .and(free(page))
    .first();
const field = (page, label) => page.getByLabel(label, { exact: true }).and(free(page, 'input, select, textarea')).first();

/** A mouse; or a finger, on a page that has touch. */
export class Pointer {
  constructor(page, { touches = false } = {}) {
    this.page = page;
    this.hit = (target) => (touches ? target.tap() : target.click());
    this.point = (x, y) => (touches ? page.touchscreen.tap(x, y) : page.mouse.click(x, y));
  }

  /** Presses a button, follows a link, ticks a box. */
  press = (role, name) => this.hit(one(this.page, role, name));

  /** An option of a list, by its name. */
  choose = (label, option) => field(this.page, label).selectOption({ label: option });

  async fill(label, text) {
    await this.hit(field(this.page, label));
    await field(this.page, label).fill(text);
  }

  /** A value of a field that offers some: typed, and the list is left for the margin of the page. */
  async pick(label, value) {
    await this.fill(label, value);
    await this.point(3, 300);
  }

  /** A moment in UTC, such as 2026-01-31T08:30. */
  date = (label, moment) => this.fill(label, moment);

  tab = (name) => this.press('tab', name);

  /** Leaves a dialog as it is. */
  leave = () => this.press('button', 'Close');

  async file(button, path) {
    const chooser = this.page.waitForEvent('filechooser');
    await this.press('button', button);
    await (await chooser).setFiles(path);
  }
}

/** How many stops a page may have before what is looked for. */
const STOPS = 250;

/** No pointer: Tab, Enter, arrows, letters. Where it stops, whoever looks sees that it is there. */
export class Keyboard {
  constructor(page) {
    this.page = page;
    this.keys = page.keyboard;
  }

  /** Goes on by Tab until something has the focus, and is in view. */
  async reach(target) {
    await target.waitFor();
    for (let stop = 0; stop < STOPS; stop++) {
      if (await target.evaluate((element) => element === document.activeElement)) return this.#seen(target);
      await this.keys.press('Tab');
    }
    const at = await this.page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200));
    assert.fail(`${STOPS} times Tab do not reach ${target}; the focus is at ${at}`);
  }

  /** Waits while it is being scrolled to, or moves into place. */
  async #seen(target) {
    const over = await target.evaluate(async (element) => {
      let over;
      for (const end = performance.now() + 5_000; performance.now() < end; await new Promise(requestAnimationFrame)) {
        const { left, top, width, height } = element.getBoundingClientRect();
        over = document.elementFromPoint(left + width / 2, top + height / 2);
        if (over && (element.contains(over) || over.contains(element))) return;
      }
      return over?.outerHTML.slice(0, 200) ?? 'what is out of view';
    });
    assert.equal(over, undefined, `${target} has the focus, behind ${over}`);
  }

  async press(role, name) {
    await this.reach(one(this.page, role, name));
    await this.keys.press(role === 'checkbox' || role === 'switch' || role === 'radio' ? 'Space' : 'Enter');
  }

  /** By arrows, as letters count only while they follow each other quickly. */
  async choose(label, option) {
    const list = field(this.page, label);
    await this.reach(list);
    const steps = () =>
      list.evaluate(({ options, selectedIndex }, name) => [...options].findIndex(({ text }) => text === name) - selectedIndex, option);
    for (let left = await steps(); left !== 0; left = await steps()) {
      const before = await list.evaluate(({ selectedIndex }) => selectedIndex);
      await this.keys.press(left > 0 ? 'ArrowDown' : 'ArrowUp');
      assert.notEqual(await list.evaluate(({ selectedIndex }) => selectedIndex), before, `${label} has ${option}, and no way to it`);
      await this.reach(list);
    }
  }

  async fill(label, text) {
    await this.reach(field(this.page, label));
    await this.keys.press('Control+A');
    await this.keys.type(text);
  }

  async pick(label, value) {
    await this.fill(label, value);
    await one(this.page, 'option', new RegExp(`^${value}\\b`)).waitFor();
    await this.keys.press('ArrowDown');
    await this.keys.press('Enter');
    assert.equal(await field(this.page, label).inputValue(), value, `${label} as it was picked`);
  }

  /** Part by part: month, day, year, hour, minute, half of the day. */
  async date(label, moment) {
    const [, year, month, day, hour, minute] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)$/.exec(moment);
    const target = field(this.page, label);
    await this.reach(target);
    await this.keys.type(`${month}${day}${year}`);
    await this.keys.press('ArrowRight');
    await this.keys.type(`${String(hour % 12 || 12).padStart(2, '0')}${minute}${hour < 12 ? 'A' : 'P'}`);
    assert.equal(await target.inputValue(), moment, `${label} as it was typed`);
  }

  async tab(name) {
    const chosen = this.page.locator('[role="tab"][aria-selected="true"]').first();
    const wanted = one(this.page, 'tab', name);
    await this.reach(chosen);
    for (let at = 0; at < 9 && (await wanted.getAttribute('aria-selected')) !== 'true'; at++) await this.keys.press('ArrowRight');
    assert.equal(await wanted.getAttribute('aria-selected'), 'true', `arrows do not reach the tab ${name}`);
  }

  leave = () => this.keys.press('Escape');

  async file(button, path) {
    const chooser = this.page.waitForEvent('filechooser');
    await this.press('button', button);
    await (await chooser).setFiles(path);
  }
}
