/** A plain value that the compiler keeps apart from others of the same representation: `Brand<string, 'CollectiveId'>`. */
export type Brand<Value, Name extends string> = Value & { readonly __brand?: Name }
