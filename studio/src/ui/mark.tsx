/** A tick, a cross, a question mark for what is unknown, or a dash for what nobody looked at. */

export function Mark({ result }: { readonly result: boolean | null | undefined }) {
  const [sign, look, words] =
    result === true
      ? ['✓', 'yes', 'holds']
      : result === false
        ? ['✕', 'no', 'does not hold']
        : result === null
          ? ['?', 'unknown', 'unknown']
          : ['–', 'unseen', 'not looked at'];
  return (
    <span className={`mark ${look}`} role="img" aria-label={words}>
      {sign}
    </span>
  );
}
