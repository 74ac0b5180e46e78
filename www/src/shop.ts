/** The shop's front page. What the flags decide is read here, with the getters that any page uses. */

import { drawing, h, put } from './dom.js';
import { harbour, type Product, PRODUCTS } from './products.js';
import type { Session } from './session.js';

/** What is in the basket, by product; it outlives a change of visitor, as it would outlive a login. */
const basket = new Map<string, number>([['mug', 1]]);

const euros = (amount: number): string =>
  amount.toLocaleString('en-IE', { style: 'currency', currency: 'EUR', minimumFractionDigits: amount % 1 ? 2 : 0 });

/** The page for the visitor of the session. */
export function shop(session: Session): Node[] {
  const client = session.reads();
  const banner = client.getObjectValue('banner', { show: false, tone: 'calm', text: '', code: '' });
  const theme = client.getObjectValue('theme', { accent: '#0b6e99', hero: 'dawn' });
  const callToAction = client.getStringValue('call-to-action', 'Shop the collection');
  const productsShown = client.getNumberValue('products-shown', 4);
  const freeShippingFrom = client.getNumberValue('free-shipping-from', 49);
  const checkout = client.getStringValue('checkout', 'steps');
  const payLater = client.getBooleanValue('pay-later', false);
  const reviews = client.getBooleanValue('reviews', false);
  const newsletter = client.getBooleanValue('newsletter-signup', false);
  const help = client.getStringValue('help', 'questions');
  const expressPay = client.getBooleanValue('express-pay', false);
  const search = client.getStringValue('search', 'plain');
  const survey = client.getBooleanValue('survey', false);
  const giftWrap = client.getBooleanValue('gift-wrap', false);
  const regatta = client.getBooleanValue('regatta', false);
  const clubLetter = client.getStringValue('club-letter', 'none');

  const shelf = PRODUCTS.slice(0, productsShown);
  const pieces = h('span', { class: 'pieces' });
  const till = h('div', { class: 'till' });

  function fill(): void {
    const lines = PRODUCTS.flatMap((product) => {
      const number = basket.get(product.id) ?? 0;
      return number > 0 ? [{ product, number }] : [];
    });
    const sum = lines.reduce((total, { product, number }) => total + product.price * number, 0);
    const missing = freeShippingFrom - sum;
    put(
      pieces,
      lines.reduce((total, { number }) => total + number, 0),
    );
    put(
      till,
      lines.length === 0
        ? h('p', { class: 'hint' }, 'Nothing in it yet.')
        : h(
            'ul',
            { class: 'lines' },
            lines.map(({ product, number }) => line(product, number)),
          ),
      h('p', { class: 'hint shipping', role: 'status' }, missing > 0 ? `${euros(missing)} to go for free shipping.` : 'Shipping is free.'),
      h('div', { class: 'sum' }, h('span', {}, 'Total'), h('strong', {}, euros(sum))),
      checkout === 'single' ? onePage(sum) : threeSteps(sum),
    );
  }

  function line({ id, name, price }: Product, number: number): HTMLElement {
    const step = (by: number) => (): void => {
      basket.set(id, Math.max(0, number + by));
      fill();
      (document.getElementById(`${by > 0 ? 'more' : 'less'}-${id}`) ?? document.getElementById('pay'))?.focus();
    };
    return h(
      'li',
      {},
      h('span', {}, name),
      h('button', { type: 'button', id: `less-${id}`, class: 'round', 'aria-label': `One ${name} less`, click: step(-1) }, '−'),
      h('span', { class: 'count' }, number),
      h('button', { type: 'button', id: `more-${id}`, class: 'round', 'aria-label': `One ${name} more`, click: step(1) }, '+'),
      h('span', { class: 'price' }, euros(price * number)),
    );
  }

  function buy(sum: number): void {
    client.track('purchase', { value: sum, currency: 'EUR' });
    // Whoever watches results sees it at once.
    if (session.counts) void session.client.flush();
    basket.clear();
    fill();
    const counted = session.counts ? '' : ' It counts nowhere: “Count me” is off.';
    till.prepend(h('p', { class: 'thanks', role: 'status' }, `✓ Thank you. It sails with the next tide.${counted}`));
  }

  function threeSteps(sum: number): HTMLElement {
    return h(
      'div',
      { class: 'checkout' },
      h(
        'ol',
        { class: 'steps', 'aria-label': 'Steps to the order' },
        ['Basket', 'Address', 'Payment'].map((name, index) => h('li', index === 0 ? { 'aria-current': 'step' } : {}, name)),
      ),
      h('button', { type: 'button', id: 'pay', class: 'button wide', disabled: sum === 0, click: () => buy(sum) }, 'Continue to address'),
      later(),
    );
  }

  function onePage(sum: number): HTMLElement {
    // Nothing typed here goes anywhere; no browser should offer a real card for it.
    const field = (id: string, label: string): HTMLElement =>
      h('label', { for: id }, h('span', {}, label), h('input', { id, autocomplete: 'off', type: 'text' }));
    return h(
      'form',
      {
        class: 'checkout one-page',
        'aria-label': 'Order',
        submit: (event) => {
          event.preventDefault();
          buy(sum);
        },
      },
      field('order-name', 'Name'),
      field('order-street', 'Street'),
      field('order-card', 'Card'),
      h('button', { type: 'submit', id: 'pay', class: 'button wide', disabled: sum === 0 }, sum > 0 ? `Pay ${euros(sum)}` : 'Pay'),
      later(),
    );
  }

  const later = (): (HTMLElement | false)[] => [
    giftWrap && h('label', { class: 'hint' }, h('input', { type: 'checkbox' }), ' Wrap it as a gift'),
    payLater && h('p', { class: 'hint' }, 'Or pay within 30 days, by invoice.'),
    expressPay && h('p', { class: 'hint' }, 'Express pay is on: two taps, and no address to type.'),
  ];

  function card(product: Product): HTMLElement {
    const add = (): void => {
      basket.set(product.id, (basket.get(product.id) ?? 0) + 1);
      fill();
    };
    return h(
      'li',
      { class: 'card' },
      h('div', { class: 'art' }, drawing(product.art)),
      h('h3', {}, product.name),
      h('p', {}, product.about),
      reviews &&
        h(
          'p',
          { class: 'stars', role: 'img', 'aria-label': `${product.stars} of 5 stars` },
          '★'.repeat(Math.round(product.stars)),
          h('span', {}, product.stars),
        ),
      h(
        'div',
        { class: 'buy' },
        h('span', { class: 'price' }, euros(product.price)),
        h('button', { type: 'button', class: 'button small', 'aria-label': `Add ${product.name} to the basket`, click: add }, 'Add'),
      ),
    );
  }

  fill();
  const accent = CSS.supports('color', theme.accent) ? theme.accent : '#0b6e99';
  document.getElementById('shop')?.style.setProperty('--accent', accent);
  return [
    ...(banner.show
      ? [
          h(
            'p',
            { class: `banner ${banner.tone === 'warm' ? 'warm' : 'calm'}` },
            banner.text,
            ' ',
            banner.code ? h('b', {}, banner.code) : '',
          ),
        ]
      : []),
    h(
      'header',
      { class: 'top' },
      h(
        'a',
        { class: 'brand', href: './' },
        drawing(
          'viewBox="0 0 32 32"><path d="M7 3v26" stroke="currentColor" stroke-width="3"/><path d="M9 5c7-4 9 4 17 0v12c-8 4-10-4-17 0z" fill="#e4572e"/>',
        ),
        'Harbour Goods',
      ),
      h(
        'nav',
        { 'aria-label': 'Shop' },
        h('a', { href: '#collection' }, 'Collection'),
        h('a', { href: './about.html' }, 'About'),
        regatta && h('a', { href: '#collection' }, 'Regatta'),
        h('a', { href: '#help' }, help === 'questions' ? 'Questions' : 'Help'),
      ),
      searchField(search === 'suggestions'),
      h('a', { class: 'to-basket', href: '#basket' }, 'Basket ', pieces),
    ),
    h(
      'section',
      { class: 'hero', 'aria-label': 'Welcome' },
      drawing(harbour(theme.hero === 'dusk')),
      h(
        'div',
        { class: 'pitch' },
        h('h1', {}, 'Made for weather.'),
        h('p', {}, 'Wool, brass and oilskin from the quay.'),
        h('a', { class: 'button large', id: 'call-to-action', href: '#collection' }, callToAction),
      ),
    ),
    h(
      'div',
      { class: 'floor' },
      h(
        'section',
        { id: 'collection', 'aria-labelledby': 'collection-title' },
        h('h2', { id: 'collection-title' }, 'The collection'),
        h('p', { class: 'hint' }, freeShippingFrom > 0 ? `Free shipping from ${euros(freeShippingFrom)}.` : 'Free shipping on everything.'),
        h('ul', { class: 'shelf' }, shelf.map(card)),
      ),
      h(
        'section',
        { id: 'basket', class: 'basket', 'aria-labelledby': 'basket-title' },
        h('h2', { id: 'basket-title' }, 'Your basket'),
        till,
      ),
    ),
    h(
      'footer',
      { class: 'foot' },
      newsletter && signup(),
      h(
        'section',
        { id: 'help', 'aria-label': 'Help' },
        h('h2', {}, 'Ahoy?'),
        helpLine(help),
        survey && h('p', {}, 'Tell us how you like the shop: it takes a minute.'),
      ),
      LETTERS[clubLetter] && h('p', {}, LETTERS[clubLetter]),
      h('p', { class: 'hint' }, 'A shop that is not there: a demo of Waft. ', h('a', { href: './about.html' }, 'Leave the shop')),
    ),
  ];
}

/** What the club's letter of this month is about. */
const LETTERS: Readonly<Record<string, string>> = {
  catalogue: 'The trade catalogue is on its way to you.',
  hello: 'Welcome to the club: your first letter is on its way.',
  regatta: 'See you at the regatta: the programme is on its way.',
  renewal: 'Your club year ends soon: renew it at the till.',
  thanks: 'Thank you for sailing with us: a small present is on its way.',
  sorry: 'We miss you: your club year has ended.',
};

/** A field that finds products by name, with or without suggestions. */
function searchField(suggestions: boolean): HTMLElement {
  const jump = (event: Event): void => {
    event.preventDefault();
    const wanted = field.value.trim().toLowerCase();
    const found = [...document.querySelectorAll('.card h3')].find((name) => name.textContent?.toLowerCase().includes(wanted));
    found?.scrollIntoView({ block: 'center' });
  };
  const field = h('input', {
    type: 'search',
    'aria-label': 'Search the collection',
    placeholder: 'Search',
    list: suggestions && 'product-names',
  });
  const names = h(
    'datalist',
    { id: 'product-names' },
    PRODUCTS.map(({ name }) => h('option', { value: name })),
  );
  return h('form', { class: 'search', role: 'search', submit: jump }, field, suggestions && names);
}

function signup(): HTMLElement {
  const form = h(
    'form',
    {
      class: 'signup',
      submit: (event) => {
        event.preventDefault();
        put(form, h('p', { role: 'status' }, '✓ Thank you. This shop writes no letters, though: it is a demo.'));
      },
    },
    h('h2', {}, 'News from the quay'),
    h('label', { for: 'signup-email' }, 'Your e-mail address'),
    h(
      'div',
      { class: 'row' },
      h('input', { id: 'signup-email', type: 'email', autocomplete: 'email', required: true }),
      h('button', { type: 'submit', class: 'button' }, 'Sign up'),
    ),
  );
  return form;
}

function helpLine(help: string): HTMLElement {
  if (help === 'captain') return h('p', {}, 'Call the captain’s cabin: extension 1.');
  if (help === 'chat') return h('p', {}, 'We know your orders: chat with the crew, 9 to 17.');
  return h('p', {}, 'Sizes, parcels, returns: the questions that we are asked, answered.');
}
