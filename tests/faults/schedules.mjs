// What goes wrong, and when. A schedule gets a world: `open` a page, `make(page, from, to)` parts of what is to be made (0 to 1), `front`
// to fail with, and `wait`. Afterwards everything works: pages that live send what they have by themselves, and a page comes back once.

/** Everything is made while the collector fails in a way; then it works. */
const during =
  (mode, seconds = 3) =>
  async ({ open, front, make, wait }) => {
    const page = await open();
    front.mode = mode;
    await make(page, 0, 0.6);
    await wait(seconds);
    front.mode = 'ok';
    await make(page, 0.6, 1);
  };

/** Records come while requests are in flight, and timers ring meanwhile. */
const overlapping =
  (mode, seconds = 0) =>
  async ({ open, front, make, wait }) => {
    const page = await open();
    front.mode = mode;
    for (const [from, to] of [
      [0, 0.1],
      [0.1, 0.4],
      [0.4, 0.5],
      [0.5, 0.8],
      [0.8, 0.9],
    ]) {
      await make(page, from, to);
      await wait(0.4);
    }
    await wait(seconds);
    front.mode = 'ok';
    await make(page, 0.9, 1);
  };

export const SCHEDULES = {
  'all is well': during('ok'),
  offline: async ({ open, make, wait }) => {
    const page = await open();
    await make(page, 0, 0.2);
    await page.context().setOffline(true);
    await make(page, 0.2, 0.8);
    await wait(3);
    await page.context().setOffline(false);
    await make(page, 0.8, 1);
  },
  'connection refused': during('refused'),
  500: during('500'),
  429: during('429'),
  401: during('401'),
  413: during('413'),
  'a page in HTML': during('html'),
  slow: during('slow', 6),
  'slow headers': overlapping('slow headers'),
  'slow body': overlapping('slow body'),
  'slow 503': overlapping('slow 503'),
  hung: overlapping('silent', 5),
  'cut in mid-answer': during('cut'),
  'an answer that never ends': during('endless', 12),
  'reload in flight': async ({ open, front, make, wait }) => {
    const page = await open();
    for (const [from, to] of [
      [0, 0.3],
      [0.3, 0.6],
      [0.6, 0.9],
    ]) {
      front.mode = 'silent';
      await make(page, from, to);
      await wait(0.1);
      await page.reload();
      front.mode = 'ok';
    }
    await make(page, 0.9, 1);
  },
  'tab killed': async ({ open, front, make, kill }) => {
    for (const [from, to, mode] of [
      [0, 0.4, 'silent'],
      [0.4, 0.7, '500'],
      [0.7, 1, 'ok'],
    ]) {
      front.mode = mode;
      const page = await open();
      await make(page, from, to);
      await kill(page);
    }
  },
  'tab closed': async ({ open, front, make }) => {
    for (const [from, to, mode] of [
      [0, 0.5, 'refused'],
      [0.5, 1, 'ok'],
    ]) {
      front.mode = mode;
      const page = await open();
      await make(page, from, to);
      await page.close();
    }
  },
  'two tabs': async ({ open, front, make, kill, wait }) => {
    const [one, other] = [await open(), await open()];
    front.mode = '500';
    // The same visitors and orders in both; purchases without an order number in one alone.
    await Promise.all([make(one, 0, 1), make(other, 0, 1, { again: true })]);
    front.mode = 'cut';
    await wait(2);
    front.mode = 'ok';
    await kill(other);
  },
  'storage full': async ({ open, front, make, wait }) => {
    const page = await open();
    await page.evaluate(() => {
      for (let size = 1 << 20; size > 0; size >>= 1) {
        try {
          for (let key = 0; ; key++) localStorage.setItem(`filler:${size}:${key}`, 'x'.repeat(size));
        } catch {
          // No room for so much.
        }
      }
    });
    front.mode = '500';
    await make(page, 0, 1);
    await wait(3);
    // Nothing is stored: this page lives until all is sent.
    front.mode = 'ok';
  },
  'clock set back': async ({ open, front, make, wait }) => {
    const page = await open();
    front.mode = '500';
    await make(page, 0, 0.5);
    await wait(2);
    await page.evaluate(() => {
      const { now } = Date;
      Date.now = () => now() - 86_400_000;
    });
    await make(page, 0.5, 1);
    front.mode = 'ok';
  },
};

/** Those of `make test`: one of each way to lose something. */
export const SHORT = ['slow 503', 'cut in mid-answer', 'reload in flight', 'tab killed', 'two tabs'];
