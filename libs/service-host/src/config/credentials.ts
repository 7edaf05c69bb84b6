/** A user of the NATS server, and its password. */
export interface Credentials {
  readonly user: string
  readonly password: string
}

/** `undefined` where there is no user; one without the other was refused with the configuration. */
export const credentialsOf = (user: string | undefined, password: string | undefined): Credentials | undefined =>
  user === undefined || password === undefined ? undefined : { user, password }
