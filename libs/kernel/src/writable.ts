/** A record while it is put together: its fields can be assigned. */
export type Writable<Row> = { -readonly [Field in keyof Row]: Row[Field] }
