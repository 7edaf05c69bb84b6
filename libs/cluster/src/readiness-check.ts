/** One thing that a part of the cluster needs to be ready, for the probes of its process. */
export interface ReadinessCheck {
  /** Such as `nats`, or `shard.3`. */
  readonly name: string
  readonly ready: boolean
  /** Why it is not, or what else is worth knowing. */
  readonly reason?: string
}

/** Whether a connection stands: it knows of its server while there is one. */
export const connectionCheck = (name: string, { info }: { readonly info?: object | undefined }): ReadinessCheck =>
  info === undefined ? { name, ready: false, reason: 'not connected' } : { name, ready: true }
