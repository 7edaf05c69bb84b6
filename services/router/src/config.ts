/** What a router reads from its environment. */
import type { Credentials, Environment } from '@waggle/service-host'

export interface RouterConfig {
  /** `nats://host:port`, one or more. */
  readonly servers: readonly string[]
  /** Of the role `router`. */
  readonly credentials?: Credentials
  readonly node: string
}

/**
 * `WAGGLE_NATS_URL` and `WAGGLE_NODE` must be there; `WAGGLE_NATS_USER` with `WAGGLE_NATS_PASSWORD` may.
 * @throws Fault `REQUIRED_FIELD` or `INVALID_FIELD` that names the variable
 */
export const routerConfig = (environment: Environment): RouterConfig => {
  const credentials = environment.credentials('WAGGLE_NATS_USER', 'WAGGLE_NATS_PASSWORD')
  return {
    servers: environment.list('WAGGLE_NATS_URL'),
    ...(credentials === undefined ? {} : { credentials }),
    node: environment.nodeName('WAGGLE_NODE'),
  }
}
