/** What whoever serves the studio wrote into its page, as `make demo` does: a `script` of JSON, which is data and is never run. */

export interface Config {
  /** The origin of the shop that the preview shows, such as `http://localhost:8787`. */
  readonly shop?: string;
  /** How many people the sample has. */
  readonly people: number;
  /** Files of lists that the server's rules name, by their names: `waft serve --rules` hands out rules alone. */
  readonly lists?: Readonly<Record<string, string>>;
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
