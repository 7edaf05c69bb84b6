/**
 * Where a command works: on a store in a folder, or on a cluster.
 *
 * W1  What the command line says decides.
 * W2  Else `$WAGGLE_PATH`: it names Waggle itself. Else `$NATS_URL`.
 * W3  Else a store in `./waggle-data`, for it was made here with this command; only then the context that is selected
 *     for all tools of NATS, which may have been selected for something else.
 * W4  Else a new folder `./waggle-data`.
 * W5  Whenever it is a cluster, or could have been one, and the command line did not say so, a note says which place it
 *     is.
 */
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { UsageError } from '../faults.ts'
import { decodeAddress, isAnybody, type Address, type Credentials, type TlsFiles } from './address.ts'
import { currentContext } from './nats-context.ts'

export const PATH_DEFAULT = './waggle-data'

export type Place =
  | { readonly kind: 'folder'; readonly path: string; readonly note?: string }
  | { readonly kind: 'cluster'; readonly address: Address; readonly note?: string }

/** What the command line says. */
export interface GivenPlace extends Omit<Credentials, 'token'>, TlsFiles {
  readonly path?: string
  readonly server?: string
}

/** What the environment says; empty variables are absent. */
export interface PlaceEnvironment {
  /** `$WAGGLE_PATH`. */
  readonly path?: string
  readonly natsUrl?: string
  readonly natsUser?: string
  readonly natsPassword?: string
  readonly natsCreds?: string
  readonly natsCa?: string
  readonly natsCert?: string
  readonly natsKey?: string
  /** `$XDG_CONFIG_HOME`, or `.config` in the home folder; absent: there are no contexts. */
  readonly configFolder?: string
  /** The user's home folder. */
  readonly home?: string
}

/** @throws UsageError; Fault `CONTEXT_UNUSABLE` */
export const placeOf = async (given: GivenPlace, environment: PlaceEnvironment): Promise<Place> => {
  // W1
  if (given.path !== undefined) return { kind: 'folder', path: given.path }
  if (given.server !== undefined) return clusterAt(decodeAddress(given.server, '--server'), given, environment)
  const place = await unnamedPlace(environment)
  if (place.kind === 'cluster') return { ...place, ...clusterAt(place.address, given, environment) }
  if (isAnybody(givenCredentials(given)) || Object.keys(tlsOf(given)).length > 0)
    throw new UsageError('--user, --password, --creds and --tls… are for a cluster: give --server, too')
  return place
}

const unnamedPlace = async (environment: PlaceEnvironment): Promise<Place> => {
  const { path: folder, natsUrl, configFolder, home = '' } = environment
  // W2
  if (folder !== undefined) {
    const note = natsUrl === undefined ? {} : { note: `using the folder ${folder} ($WAGGLE_PATH), not $NATS_URL` }
    return { kind: 'folder', path: folder, ...note }
  }
  if (natsUrl !== undefined) {
    const address = decodeAddress(natsUrl, '$NATS_URL')
    return { kind: 'cluster', address, note: `using the cluster at ${address.servers.join(',')} ($NATS_URL)` }
  }
  // W3
  const selected = async () => (configFolder === undefined ? undefined : currentContext({ config: configFolder, home }))
  if (await holdsStore(PATH_DEFAULT)) {
    // One that cannot be used is no trouble of whoever does not use it.
    const unused = await selected().catch(() => undefined)
    const note = unused === undefined ? {} : { note: `using the folder ${PATH_DEFAULT}, not context ${unused.name}` }
    return { kind: 'folder', path: PATH_DEFAULT, ...note }
  }
  const context = await selected()
  if (context === undefined) return { kind: 'folder', path: PATH_DEFAULT } // W4
  const { name, ...address } = context
  const note = `using the cluster at ${address.servers.join(',')} (NATS context ${name}); --path is a folder instead`
  return { kind: 'cluster', address, note }
}

const holdsStore = async (folder: string): Promise<boolean> =>
  (await stat(path.join(folder, 'state')).catch(() => undefined))?.isDirectory() === true

/** Options, else what stands in the address or the context, else the environment. */
const clusterAt = (address: Address, given: GivenPlace, environment: PlaceEnvironment): Place => {
  const [option, variable] = credentialsFor(given, environment)
  const credentials = [option, address.credentials, variable].find(isAnybody) ?? {}
  if ((credentials.user === undefined) !== (credentials.password === undefined))
    throw new UsageError('a user needs a password and a password a user: give --user, and --password or $NATS_PASSWORD')
  const { natsCa: tlsca, natsCert: tlscert, natsKey: tlskey } = environment
  const tls: TlsFiles = { ...present<TlsFiles>({ tlsca, tlscert, tlskey }), ...address.tls, ...tlsOf(given) }
  if ((tls.tlscert === undefined) !== (tls.tlskey === undefined))
    throw new UsageError('a certificate needs its key and a key its certificate: give --tlscert and --tlskey')
  const isTls = Object.keys(tls).length > 0
  return { kind: 'cluster', address: { servers: address.servers, credentials, ...(isTls ? { tls } : {}) } }
}

const tlsOf = ({ tlsca, tlscert, tlskey }: TlsFiles): TlsFiles => present<TlsFiles>({ tlsca, tlscert, tlskey })

const credentialsFor = (given: GivenPlace, environment: PlaceEnvironment): readonly [Credentials, Credentials] => {
  const { natsUser: user, natsPassword: password, natsCreds: creds } = environment
  const option = givenCredentials(given)
  const hasUser = option.user !== undefined && option.password === undefined && password !== undefined
  return [
    // So that a password need not stand among the arguments.
    hasUser ? { ...option, password } : option,
    creds === undefined ? ofUser(user, password) : { creds },
  ]
}

/** A user alone is a token, as the tools of NATS have it; a password alone is nobody. */
const ofUser = (user: string | undefined, password: string | undefined): Credentials => {
  if (user === undefined) return {}
  return password === undefined ? { token: user } : { user, password }
}

const givenCredentials = ({ user, password, creds }: GivenPlace): Credentials =>
  present<Credentials>({ user, password, creds })

const present = <Fields extends object>(fields: {
  readonly [Name in keyof Fields]: Fields[Name] | undefined
}): Fields => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields
