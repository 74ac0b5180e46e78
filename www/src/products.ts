/** What the shop sells, and how it looks. */

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  readonly price: number; // euros
  readonly stars: number;
  /** SVG markup after `<svg `. */
  readonly art: string;
}

const art = (shapes: string): string => `viewBox="0 0 120 120">${shapes}`;

export const PRODUCTS: readonly Product[] = [
  {
    id: 'guernsey',
    name: 'Guernsey jumper',
    about: 'Five-ply worsted, knitted tight against the wind',
    price: 129,
    stars: 4.8,
    art: art(`<path fill="#1f3d5c" d="M44 24 22 36 10 84l14 5 9-28v40h54V61l9 28 14-5-12-48-22-12c-4 9-28 9-32 0Z"/>
      <path fill="none" stroke="#f4efe6" stroke-width="2" stroke-dasharray="3 3" d="M34 56h52M34 64h52"/>
      <path fill="#16304a" d="M44 24c4 11 28 11 32 0l-5-3c-3 6-19 6-22 0Z"/>`),
  },
  {
    id: 'oilskin',
    name: 'Oilskin coat',
    about: 'Waxed cotton, storm flap, brass toggles',
    price: 189,
    stars: 4.6,
    art: art(`<path fill="#e2a31d" d="M46 18 26 30 14 78l13 5 8-24-3 46h56l-3-46 8 24 13-5-12-48-20-12c-2 8-26 8-28 0Z"/>
      <path fill="#bd8310" d="M59 27h3v78h-3z"/><path fill="#c78c13" d="M46 18c-1 6 3 14 14 17 11-3 15-11 14-17-4 7-24 7-28 0Z"/>
      <g fill="#6b4a10"><circle cx="66" cy="52" r="2.5"/><circle cx="66" cy="68" r="2.5"/><circle cx="66" cy="84" r="2.5"/></g>`),
  },
  {
    id: 'lamp',
    name: 'Anchor lamp',
    about: 'Solid brass, burns forty hours on a filling',
    price: 79,
    stars: 4.9,
    art: art(`<path fill="none" stroke="#8a6a1f" stroke-width="4" d="M42 34c0-24 36-24 36 0"/><path fill="#c79a3a" d="M42 34h36l6 10H36Z"/>
      <path fill="#ffe9b0" d="M40 44h40v38H40z"/><path fill="#f08a24" d="M60 52c8 11 8 20 0 24-8-4-8-13 0-24Z"/>
      <path fill="none" stroke="#a77d28" stroke-width="3" d="M40 44v38M80 44v38M60 44v6M60 77v5"/><path fill="#a77d28" d="M34 82h52l4 18H30Z"/>`),
  },
  {
    id: 'mug',
    name: 'Galley mug',
    about: 'Enamelled steel; outlives its owner',
    price: 18,
    stars: 4.4,
    art: art(`<path fill="none" stroke="#2b5d78" stroke-width="7" d="M84 50c20-4 20 32-2 30"/><path fill="#f6f8f7" stroke="#cfd9da" d="M30 36h56l-4 62c-8 5-40 5-48 0Z"/>
      <ellipse cx="58" cy="36" rx="28" ry="7" fill="#2b5d78"/><ellipse cx="58" cy="37" rx="22" ry="4.5" fill="#4a2d1b"/>
      <path fill="none" stroke="#2b5d78" stroke-width="3" d="M58 54v26m-11-8c2 12 20 12 22 0M51 60h14"/>`),
  },
  {
    id: 'bag',
    name: 'Ditty bag',
    about: 'Sailcloth with a spliced rope handle',
    price: 54,
    stars: 4.7,
    art: art(`<path fill="none" stroke="#a77d48" stroke-width="5" d="M42 50c0-42 36-42 36 0"/><path fill="#e9e0cc" d="M28 44h64l6 58c-18 6-58 6-76 0Z"/>
      <path fill="#c8402f" d="M24.5 78h71l1.3 12H23.2Z"/><g fill="#a77d48"><circle cx="42" cy="51" r="3"/><circle cx="78" cy="51" r="3"/></g>`),
  },
  {
    id: 'cap',
    name: 'Watch cap',
    about: 'Double-knit merino for the dog watch',
    price: 36,
    stars: 4.5,
    art: art(`<path fill="#9c3b2c" d="M26 76c-2-62 70-62 68 0Z"/><g stroke="#842f22" stroke-width="2.5" fill="none"><path d="M42 74c0-20 3-34 9-42M60 74V30M78 74c0-20-3-34-9-42"/></g>
      <rect x="20" y="72" width="80" height="22" rx="9" fill="#b54b3a"/><g stroke="#9c3b2c" stroke-width="2"><path d="M32 74v18M44 74v18M56 74v18M68 74v18M80 74v18M90 75v16"/></g>`),
  },
  {
    id: 'boots',
    name: 'Deck boots',
    about: 'Natural rubber, razor-cut soles',
    price: 98,
    stars: 4.3,
    art: art(`<path fill="#31584a" d="M34 16h30l2 54c12 4 26 8 30 20v8H36Z"/><path fill="#dfe6df" d="M36 96h62v8H36z"/><path fill="#274639" d="M34 16h30v8H34z"/>
      <path fill="none" stroke="#274639" stroke-width="2" d="M40 66c8 4 18 5 26 4"/>`),
  },
  {
    id: 'mat',
    name: 'Thump mat',
    about: 'Knotted by hand from hemp line',
    price: 42,
    stars: 4.8,
    art: art(`<g fill="none" stroke="#b8935a" stroke-width="9"><ellipse cx="60" cy="62" rx="40" ry="24"/><ellipse cx="60" cy="62" rx="24" ry="38" transform="rotate(60 60 62)"/><ellipse cx="60" cy="62" rx="24" ry="38" transform="rotate(-60 60 62)"/></g>
      <g fill="none" stroke="#8d6c3c" stroke-width="1.5" stroke-dasharray="4 4"><ellipse cx="60" cy="62" rx="40" ry="24"/><ellipse cx="60" cy="62" rx="24" ry="38" transform="rotate(60 60 62)"/><ellipse cx="60" cy="62" rx="24" ry="38" transform="rotate(-60 60 62)"/></g>`),
  },
];

/** The harbour above the fold, at one time of day. */
export function harbour(dusk: boolean): string {
  const [sky, low, light, far, near, sea] = dusk
    ? ['#1d2447', '#c8623a', '#ffd9a0', '#39355f', '#2a2850', '#141b38']
    : ['#8cc7e6', '#fde3c4', '#fff6dc', '#5b9dbb', '#2f7a9e', '#0f5576'];
  return `viewBox="0 0 1200 420" preserveAspectRatio="xMidYMax slice">
    <defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="${sky}"/><stop offset="1" stop-color="${low}"/></linearGradient></defs>
    <path fill="url(#sky)" d="M0 0h1200v420H0z"/><circle cx="880" cy="${dusk ? 262 : 150}" r="58" fill="${light}" opacity=".9"/>
    <path fill="${far}" opacity=".55" d="M0 286c130-60 210-20 330-44s190 10 300 26 240-54 330-30 160 12 240-16v198H0Z"/>
    <g class="boat"><path fill="#f7f1e3" d="M778 148v128h-74c34-34 62-78 74-128Z"/><path fill="#e4572e" d="M786 164c26 30 44 68 48 112h-48Z"/>
    <path fill="#3a2a22" d="M690 284h158c-8 24-22 36-42 36h-76c-22 0-34-14-40-36Z"/><path fill="#3a2a22" d="M778 134h6v152h-6z"/><path fill="#e4572e" d="M784 134c16-8 22 6 40-2v16c-18 8-24-6-40 2Z"/></g>
    <path fill="${near}" d="M0 312c60-14 110 14 170 6s110-18 180-6 110 12 180 0 120-12 190 2 110 8 170-4 120-10 180 4 80 2 130-4v110H0Z"/>
    <path fill="${sea}" d="M0 346c70 14 120-10 190-4s120 20 200 6 120-14 200 0 130 10 200-4 140-8 200 6 120 4 210-8v78H0Z"/>`;
}
