/** The getters of a client, for what stands before them. */

/** The types of values, as getters name them. */
export const TYPES = ['Boolean', 'String', 'Number', 'Object'] as const;

/** The names of all getters. */
export const GETTERS = /* @__PURE__ */ TYPES.flatMap((type) => [`get${type}Value`, `get${type}Details`] as const);
