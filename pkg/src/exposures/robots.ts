/** Robots that say so. People's browsers and apps have names, too, so that only words of robots' trade count, and tools by name. */

/** In words. `cubot` is a make of telephones, which a look-behind would say more simply, if Safari had it before 16.4. */
const WORDS =
  /(?:^|[^u]|(?:^|[^c])u)bots?\b|crawl|spider|slurp|archiv|externalhit|preview|headless|scan|scrap|monitor|synthetic|inspect|proxy|agent|google-|-google|google fav|-user\b/i;
/** An address of whoever sends it, or the word that introduces it; old browsers had that one, too. */
const ADDRESS = /https?:|@[a-z]|\.(?:com|io|net|org|ru|fr|co)\b(?!\.)|compatible; (?!msie|u;|konq|ibrowse)|like gecko[;,] (?!safari)/i;
/** What tests, measures and reads pages under no other sign. */
const TOOLS =
  /lighthouse|pagespeed|playwright|puppeteer|selenium|phantomjs|ptst|pingdom|gtmetrix|dareboost|securityheaders|silktide|datanyze|newsai|collapsify|cookiehub|hardenize|sindup|turingos|hotjar|linktiger|marketgoo|splash v|rigor\)|testlocal|ylt chrome|watchtowr/i;

/** Whether a browser's `navigator.userAgent` is a robot's. */
export function isRobot(userAgent: string): boolean {
  return WORDS.test(userAgent) || ADDRESS.test(userAgent) || TOOLS.test(userAgent);
}
