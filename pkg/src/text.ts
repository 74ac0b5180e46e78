/** Text as UTF-8 has it. */

/** Surrogates that are alone are no Unicode text: each becomes U+FFFD, as in the engine's UTF-8. */
export function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udfff]/gu, '\ufffd');
}
