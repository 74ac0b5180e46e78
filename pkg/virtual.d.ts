/** What the plugin `waft/vite` makes of a project's rules: `/// <reference types="waft/virtual" />`. */
declare module 'virtual:waft' {
  const rules: {
    /** A URL, or bytes. */
    readonly snapshot: import('waft').SnapshotSource;
    readonly trust: import('waft').Trust;
    /** In development alone: the client adopts each change of the ruleset. */
    readonly reload?: { readonly kind: 'reload'; readonly open: (host: never) => object };
  };
  export default rules;
}
