declare const brand: unique symbol

/**
 * A plain value that the compiler keeps apart from others of the same representation: `Brand<string, 'CollectiveId'>`.
 * The mark exists for the compiler alone; a value gets it where it was checked or made, by `as`.
 */
export type Brand<Value, Name extends string> = Value & { readonly [brand]: Name }
