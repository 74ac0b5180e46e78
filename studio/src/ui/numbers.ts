/** How numbers are written, everywhere alike. */

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const HUNDREDTHS = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const TENTHS = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** @example count(1234) // '1,234' */
export const count = (number: number): string => WHOLE.format(number);

/**
 * A part of a whole. What is not nothing is never written as 0 %, nor what is not all as 100 %.
 *
 * @example percent(1, 100_000) // '< 0.1 %'
 */
export function percent(part: number, whole: number): string {
  if (whole <= 0) return '–';
  const share = (part / whole) * 100;
  if (part > 0 && share < 0.1) return '< 0.1 %';
  if (part < whole && share > 99.9) return '> 99.9 %';
  return `${TENTHS.format(share)}\u00a0%`;
}

/**
 * A share that somebody chose or asks for.
 *
 * @example exactly(0.1025) // '10.25 %'
 */
export const exactly = (share: number): string =>
  share > 0 && share < 0.0001 ? '< 0.01\u00a0%' : `${HUNDREDTHS.format(share * 100)}\u00a0%`;

/** @example people(1) // '1 person' */
export const people = (number: number): string => (number === 1 ? '1 person' : `${count(number)} people`);

/** @example counted(1, 'row') // '1 row' */
export const counted = (number: number, one: string, many = `${one}s`): string => `${count(number)} ${number === 1 ? one : many}`;
