/** How the panel looks, whatever the page's styles are. */

const STYLE = `
:host {
  all: initial; color-scheme: light dark; font: 13px/1.45 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; color: var(--text);
  --page: #fff; --raised: #f5f7fa; --line: #dfe4ea; --strong: #8b95a3; --text: #1a2230; --soft: #566172; --accent: #0b6e8f; --tint: #e3f2f7;
  --good: #136c3a; --good-tint: #e2f5ea; --warn: #7d4b00; --warn-tint: #fdf0d8; --bad: #b3261e; --bad-tint: #fdeaea;
  --shade: 0 0 0 1px rgb(16 24 40 / .08), 0 12px 40px rgb(16 24 40 / .22); --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :host {
    --page: #14181f; --raised: #1c222b; --line: #2d3642; --strong: #6f7b8b; --text: #e8edf4; --soft: #a3afbf; --accent: #63c5e6; --tint: #16323d;
    --good: #6fd69a; --good-tint: #143322; --warn: #f3bf66; --warn-tint: #382b12; --bad: #ff9a92; --bad-tint: #401f1f;
    --shade: 0 0 0 1px rgb(255 255 255 / .09), 0 12px 40px rgb(0 0 0 / .6);
  }
}
*, *::before { box-sizing: border-box; }
[hidden] { display: none !important; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
h2, h3, h4, p, dl, dd, pre, fieldset, ul { margin: 0; padding: 0; border: 0; min-width: 0; }
ul { list-style: none; }
button, input, select { font: inherit; color: inherit; }
button, select, input:not([type=radio]) { min-height: 30px; padding: 3px 10px; border: 1px solid var(--line); border-radius: 7px; background: var(--page); }
button { cursor: pointer; -webkit-tap-highlight-color: transparent; }
button:hover, select:hover { border-color: var(--strong); }
button:disabled { opacity: .55; cursor: default; }
:focus { outline: none; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
code, pre, .mono { font-family: var(--mono); font-size: 12px; }
.soft { color: var(--soft); }
.launcher { position: fixed; right: 16px; bottom: 16px; z-index: 2147483647; width: 44px; height: 44px; padding: 0; border: 0; border-radius: 50%;
  background: var(--page); color: var(--accent); box-shadow: var(--shade); display: grid; place-items: center; }
.launcher:hover { background: var(--tint); }
.launcher svg { width: 22px; height: 22px; }
.launcher[data-state]::before { content: ''; position: absolute; top: 1px; right: 1px; width: 11px; height: 11px; border-radius: 50%; border: 2px solid var(--page); background: #d97a00; }
.launcher[data-state=error]::before { background: var(--bad); }
.panel { position: fixed; right: 16px; bottom: 16px; z-index: 2147483647; width: min(980px, calc(100vw - 32px)); height: min(600px, calc(100vh - 32px));
  display: flex; flex-direction: column; overflow: hidden; border-radius: 12px; background: var(--page); box-shadow: var(--shade); }
.head { display: flex; align-items: center; gap: 10px; padding: 10px 10px 6px 14px; }
.head svg { width: 18px; height: 18px; color: var(--accent); flex: none; }
.head h2 { font-size: 14px; }
.head .name { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--soft); }
.head select { max-width: 50%; }
.close { width: 30px; padding: 0; border-color: transparent; font-size: 18px; line-height: 1; }
.pill, .badge { display: inline-block; padding: 1px 8px; border-radius: 99px; background: var(--raised); color: var(--soft); font-size: 11px; font-weight: 600; white-space: nowrap; }
.pill[data-state=good], .badge[data-state=good] { background: var(--good-tint); color: var(--good); }
.pill[data-state=warn], .badge[data-state=warn] { background: var(--warn-tint); color: var(--warn); }
.pill[data-state=bad], .badge[data-state=bad] { background: var(--bad-tint); color: var(--bad); }
.badge[data-state=split] { background: var(--tint); color: var(--accent); }
.tabs { display: flex; gap: 2px; padding: 0 10px; border-bottom: 1px solid var(--line); overflow-x: auto; flex: none; }
.tabs button { border: 0; border-bottom: 2px solid transparent; border-radius: 7px 7px 0 0; background: none; color: var(--soft); padding: 5px 10px; white-space: nowrap; }
.tabs button[aria-selected=true] { color: var(--text); border-bottom-color: var(--accent); font-weight: 600; }
.tabs button:focus-visible { outline-offset: -2px; }
.tabs button:hover { color: var(--text); }
.alert { display: flex; gap: 12px; justify-content: space-between; align-items: center; flex: none; margin: 10px 14px; max-height: 40%; overflow: auto; padding: 8px 12px; border-radius: 8px; background: var(--bad-tint); color: var(--bad); overflow-wrap: anywhere; }
.alert p { color: var(--text); }
.alert button { background: none; border-color: currentColor; flex: none; }
.body { flex: 1; min-height: 0; overflow: hidden; display: flex; flex-direction: column; }
.view { flex: 1; min-height: 0; overflow: auto; padding: 14px; display: grid; grid-template-columns: minmax(0, 1fr); gap: 18px; align-content: start; }
.view.flags { overflow: hidden; padding: 0; grid-template: auto 1fr / minmax(0, 1.35fr) minmax(0, 1fr); gap: 0; align-content: stretch; }
.bar { grid-column: 1 / -1; display: flex; flex-wrap: wrap; align-items: center; gap: 8px; padding: 10px 14px; border-bottom: 1px solid var(--line); }
.bar input { flex: 1 1 160px; min-width: 0; }
.bar [role=status] { color: var(--soft); font-variant-numeric: tabular-nums; }
.list { overflow: auto; min-height: 0; position: relative; overscroll-behavior: contain; }
.row { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 4fr) minmax(0, 3fr) 140px; gap: 10px; align-items: center; padding: 5px 14px; border-bottom: 1px solid var(--line);
  content-visibility: auto; contain-intrinsic-size: auto 32px; min-height: 32px; cursor: pointer; scroll-margin-top: 32px; }
.row > * { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.row.heads { position: sticky; top: 0; z-index: 1; background: var(--raised); color: var(--soft); font-size: 11px; font-weight: 600; cursor: default; content-visibility: visible; }
.row[aria-selected=true] { background: var(--tint); }
.row[aria-selected]:hover { background: var(--raised); }
.row[aria-selected=true]:hover { background: var(--tint); }
.row[aria-selected=true] .badge { background: var(--page); }
.row:focus-visible { outline-offset: -2px; }
.row.fixed { box-shadow: inset 3px 0 var(--warn); }
.row.changed { animation: changed 1.6s ease-out; }
@keyframes changed { from { background: var(--warn-tint); } }
@media (prefers-reduced-motion: reduce) { .row.changed { animation: none; } }
.detail { overflow: auto; border-left: 1px solid var(--line); padding: 12px 14px 18px; display: grid; gap: 14px; align-content: start; background: var(--page); min-height: 0; overscroll-behavior: contain; }
.detail h3 { font: 600 14px/1.4 var(--mono); color: var(--text); margin: 0; overflow-wrap: anywhere; }
.back { display: none; justify-self: start; }
.stack { display: grid; gap: 14px; }
h3, h4 { font-size: 12px; color: var(--soft); font-weight: 600; margin-bottom: 4px; }
pre { padding: 8px 10px; border-radius: 8px; background: var(--raised); white-space: pre-wrap; overflow-wrap: anywhere; max-height: 240px; overflow: auto; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 4px 14px; }
dt { color: var(--soft); }
dd { overflow-wrap: anywhere; }
.choices { display: grid; gap: 2px; max-height: 230px; overflow: auto; padding: 2px; }
.choices label { display: grid; grid-template-columns: auto minmax(0, max-content) minmax(0, 1fr); gap: 8px; align-items: center; padding: 4px 8px; border-radius: 7px; cursor: pointer; }
.choices label:hover { background: var(--raised); }
.choices label:focus-within { background: var(--raised); }
.choices label > span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.choices input { margin: 0; accent-color: var(--accent); }
legend { padding: 0; font-size: 12px; color: var(--soft); font-weight: 600; margin-bottom: 4px; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(104px, 1fr)); gap: 10px; }
.cards > div { padding: 8px 12px; border-radius: 9px; background: var(--raised); }
.cards dt { font-size: 11px; }
.cards dd { font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums; }
.cards dl { grid-template-columns: 1fr; gap: 0; }
.actions { display: flex; gap: 8px; flex-wrap: wrap; align-items: center; }
.scrolls { overflow-x: auto; border: 1px solid var(--line); border-radius: 9px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 5px 12px; border-top: 1px solid var(--line); font-weight: 400; vertical-align: top; overflow-wrap: anywhere; }
thead th { border-top: 0; background: var(--raised); color: var(--soft); font-size: 11px; font-weight: 600; white-space: nowrap; }
tbody th { font-family: var(--mono); font-size: 12px; }
.empty { padding: 36px 20px; text-align: center; color: var(--soft); display: grid; gap: 6px; justify-items: center; align-content: center; }
.empty strong { color: var(--text); font-size: 14px; }
.empty p { max-width: 52ch; }
@media (max-width: 700px) {
  .panel { inset: 0; width: auto; height: auto; border-radius: 0; }
  .view.flags { grid-template-columns: minmax(0, 1fr); }
  .row { grid-template: auto auto / minmax(0, 1fr) auto; gap: 2px 10px; padding: 8px 14px; contain-intrinsic-size: auto 56px; }
  .row.heads { display: block; position: absolute; width: 1px; height: 1px; min-height: 0; padding: 0; overflow: hidden; clip-path: inset(50%); }
  .row > :nth-child(2) { grid-area: 2 / 1; } .row > :nth-child(3) { grid-area: 2 / 2; text-align: right; max-width: 40vw; } .row > :nth-child(4) { grid-area: 1 / 2; text-align: right; }
  .detail { grid-area: 2 / 1; border-left: 0; display: none; }
  .flags.chosen .detail { display: grid; } .flags.chosen .list { display: none; } .flags.chosen .bar { display: none; } .flags.chosen { grid-template-rows: 0 1fr; }
  .bar input { flex-basis: 100%; }
  .back { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, thead { display: block; } tr { display: grid; gap: 2px; padding: 8px 12px; border-top: 1px solid var(--line); } tbody tr:first-child { border-top: 0; }
  td, th { border: 0; padding: 0; display: block; } td { display: grid; grid-template-columns: 92px minmax(0, 1fr); gap: 8px; justify-items: start; } td:empty { display: none; }
  td::before { content: attr(data-head); color: var(--soft); } tbody th { font-weight: 600; }
  button, select, input:not([type=radio]) { min-height: 38px; } input { font-size: 16px; } .close { width: 38px; }
}
@media (forced-colors: active) { .row[aria-selected=true], .tabs button[aria-selected=true] { outline: 2px solid Highlight; outline-offset: -2px; } }
`;

/** Gives a shadow root its style. A policy without inline styles permits a constructed sheet; Safari has that from 16.4 on. */
export function dress(root: ShadowRoot): void {
  if ('adoptedStyleSheets' in root) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
  } else {
    const style = document.createElement('style');
    style.textContent = STYLE;
    (root as ShadowRoot).append(style);
  }
}

/** A flag, drawn. */
export function flagIcon(): SVGSVGElement {
  const draw = (tag: string, attributes: Record<string, string>): SVGElement => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const icon = draw('svg', { viewBox: '0 0 24 24', fill: 'none', stroke: 'currentColor', 'stroke-width': '2', 'aria-hidden': 'true' });
  const path = {
    d: 'M5 21V4c4-2.6 7 2.2 11 0 1.300-.5 2-1 3-1.500v10.500c-4 3.600-8-1.500-14 1',
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
  };
  icon.append(draw('path', path));
  return icon as SVGSVGElement;
}
