/** Lines that belong together, which may be many: they scroll by themselves. One that begins with spaces is part of the one before it. */
export function Lines({ name, lines, label }: { readonly name: string; readonly lines: readonly string[]; readonly label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keyboard
    <ul className="lines" data-list={name} tabIndex={0} aria-label={label}>
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two may say the same, and they never move
        <li key={index} className={line.startsWith(' ') ? 'inner' : undefined}>
          {line}
        </li>
      ))}
    </ul>
  );
}
