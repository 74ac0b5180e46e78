/** What whoever serves the studio wrote into its page, as `make demo` does: a `script` of JSON, which is data and is never run. */

export interface Config {
  /** The origin of the shop that the preview shows, such as `http://localhost:8787`. */
  readonly shop?: string;
  /** How many people the sample has. */
  readonly people: number;
}

function told(): Partial<Config> {
  if (typeof document === 'undefined') return {};
  try {
    return (JSON.parse(document.getElementById('config')?.textContent ?? 'null') ?? {}) as Partial<Config>;
  } catch {
    return {};
  }
}

export const config: Config = { people: 20_000, ...told() };
