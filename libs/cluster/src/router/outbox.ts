/** The way out. Its failures are its own business: what was not published is lost like anything on a network. */
export interface Outbox {
  publish(subject: string, bytes: Uint8Array, options: PublishOptions): void
  /** What the server carries in one message. */
  readonly payloadBytesMax: number
}

export interface PublishOptions {
  readonly reply?: string
  readonly headers?: readonly (readonly [name: string, value: string])[]
}
