/**
 * What `waft codegen` tells the compiler of a ruleset: it adds to {@link Flags} and {@link Attributes}, and keys, values, variants and contexts
 * are then those of the ruleset. As long as nothing is added, keys are any text.
 */

/**
 * Flags by key: `{ value, variant }`, each a type.
 *
 * @example
 * declare module 'waft' {
 *   interface Flags {
 *     headline: { value: 'Welcome' | 'Hello'; variant: 'plain' | 'friendly' };
 *   }
 * }
 */
// biome-ignore lint/suspicious/noEmptyInterface: pages add to it
export interface Flags {}

/** Attributes of contexts. */
// biome-ignore lint/suspicious/noEmptyInterface: pages add to it
export interface Attributes {}

/** `Yes` where keys are known, `No` where they are any text. */
type Known<Yes, No> = [keyof Flags] extends [never] ? No : Yes;

/** The keys of flags whose values are of a type. */
export type FlagKey<Type = unknown> = Known<
  { [Key in keyof Flags]: Flags[Key] extends { readonly value: Type } ? Key : never }[keyof Flags] & string,
  string
>;

/** The values of a flag; `Type` where keys are any text. */
export type FlagValue<Key, Type = unknown> = Known<
  Key extends keyof Flags ? (Flags[Key] extends { readonly value: infer Value } ? Value : Type) : Type,
  Type
>;

/** The names of a flag's variants. */
export type FlagVariant<Key> = Known<
  Key extends keyof Flags ? (Flags[Key] extends { readonly variant: infer Variant extends string } ? Variant : string) : string,
  string
>;

/** What a getter takes as an object flag's default. */
export type ObjectDefault<Key, Type> = Known<FlagValue<Key, object>, Type>;

/** What a getter returns of an object flag: it is frozen throughout. */
export type ObjectValue<Key, Type> = Known<FlagValue<Key, object>, DeepReadonly<Type>>;

/** A type of which nothing can be changed, however deep. */
export type DeepReadonly<Type> = Type extends (...given: never[]) => unknown
  ? Type
  : Type extends object
    ? { readonly [Key in keyof Type]: DeepReadonly<Type[Key]> }
    : Type;

/** The attributes of a context: any, where none are declared. */
export type DeclaredContext = [keyof Attributes] extends [never] ? Readonly<Record<string, unknown>> : Readonly<Attributes>;
