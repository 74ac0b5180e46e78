/** What the plugin `waft/vite` makes of a project's rules: `/// <reference types="waft/virtual" />`. */
declare module 'virtual:waft' {
  const rules: {
    /** A URL, or bytes. */
    readonly snapshot: import('waft').SnapshotSource;
    readonly trust: import('waft').Trust;
    /** In development the client adopts each change of the ruleset, until the returned function is called; in production it does nothing. */
    readonly follow: (client: Pick<import('waft').Client, 'load'>) => () => void;
  };
  export default rules;
}
