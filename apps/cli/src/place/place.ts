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

export type Place = FolderPlace | ClusterPlace

interface Found {
  /** What named the place: `--path`, `$NATS_URL`, `NATS context team`. */
  readonly from: string
  readonly note?: string
}

export interface FolderPlace extends Found {
  readonly kind: 'folder'
  readonly path: string
}

export interface ClusterPlace extends Found {
  readonly kind: 'cluster'
  readonly address: Address
  /** What named the credentials; absent where there are none. */
  readonly credentialsFrom?: string
  /** What named each file of TLS. */
  readonly tlsFrom?: TlsFiles
}

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
  if (given.path !== undefined) return { kind: 'folder', path: given.path, from: '--path' }
  if (given.server !== undefined) {
    const address = decodeAddress(given.server, '--server')
    return withCredentials({ kind: 'cluster', address, from: '--server' }, given, environment)
  }
  const place = await unnamedPlace(environment)
  if (place.kind === 'cluster') return withCredentials(place, given, environment)
  if (isAnybody(givenCredentials(given)) || Object.keys(tlsOf(given)).length > 0)
    throw new UsageError('--user, --password, --creds and --tls… are for a cluster: give --server, too')
  return place
}

const unnamedPlace = async (environment: PlaceEnvironment): Promise<Place> => {
  const { path: folder, natsUrl, configFolder, home = '' } = environment
  // W2
  if (folder !== undefined) {
    const note = natsUrl === undefined ? {} : { note: `using the folder ${folder} ($WAGGLE_PATH), not $NATS_URL` }
    return { kind: 'folder', path: folder, from: '$WAGGLE_PATH', ...note }
  }
  if (natsUrl !== undefined) {
    const address = decodeAddress(natsUrl, '$NATS_URL')
    const note = `using the cluster at ${address.servers.join(',')} ($NATS_URL)`
    return { kind: 'cluster', address, from: '$NATS_URL', note }
  }
  // W3
  const selected = async () => (configFolder === undefined ? undefined : currentContext({ config: configFolder, home }))
  if (await holdsStore(PATH_DEFAULT)) {
    // One that cannot be used is no trouble of whoever does not use it.
    const unused = await selected().catch(() => undefined)
    const note = unused === undefined ? {} : { note: `using the folder ${PATH_DEFAULT}, not context ${unused.name}` }
    return { kind: 'folder', path: PATH_DEFAULT, from: 'the store that is here', ...note }
  }
  const context = await selected()
  if (context === undefined) return { kind: 'folder', path: PATH_DEFAULT, from: 'default' } // W4
  const { name, ...address } = context
  const note = `using the cluster at ${address.servers.join(',')} (NATS context ${name}); --path is a folder instead`
  return { kind: 'cluster', address, from: `NATS context ${name}`, note }
}

const holdsStore = async (folder: string): Promise<boolean> =>
  (await stat(path.join(folder, 'state')).catch(() => undefined))?.isDirectory() === true

/** Options, else what stands in the address or the context, else the environment. */
const withCredentials = (place: ClusterPlace, given: GivenPlace, environment: PlaceEnvironment): ClusterPlace => {
  const { natsUser, natsPassword, natsCreds } = environment
  const option = givenCredentials(given)
  const hasUser = option.user !== undefined && option.password === undefined && natsPassword !== undefined
  const sources: readonly { readonly credentials: Credentials; readonly from: string }[] = [
    // So that a password need not stand among the arguments.
    hasUser
      ? { credentials: { ...option, password: natsPassword }, from: '--user, $NATS_PASSWORD' }
      : { credentials: option, from: 'options' },
    { credentials: place.address.credentials, from: place.from },
    natsCreds === undefined
      ? { credentials: ofUser(natsUser, natsPassword), from: '$NATS_USER' }
      : { credentials: { creds: natsCreds }, from: '$NATS_CREDS' },
  ]
  const source = sources.find(({ credentials }) => isAnybody(credentials))
  const credentials = source?.credentials ?? {}
  if ((credentials.user === undefined) !== (credentials.password === undefined))
    throw new UsageError('a user needs a password and a password a user: give --user, and --password or $NATS_PASSWORD')
  const { tls, ...tlsFrom } = tlsFor(place, given, environment)
  const address = { servers: place.address.servers, credentials, ...(tls === undefined ? {} : { tls }) }
  return { ...place, address, ...tlsFrom, ...(source === undefined ? {} : { credentialsFrom: source.from }) }
}

/** Each file from the option, else from the context, else from the environment. */
const tlsFor = (
  { address, from }: ClusterPlace,
  given: GivenPlace,
  { natsCa, natsCert, natsKey }: PlaceEnvironment,
): { readonly tls?: TlsFiles; readonly tlsFrom?: TlsFiles } => {
  const variables = present<TlsFiles>({ tlsca: natsCa, tlscert: natsCert, tlskey: natsKey })
  const tls: TlsFiles = { ...variables, ...address.tls, ...tlsOf(given) }
  if ((tls.tlscert === undefined) !== (tls.tlskey === undefined))
    throw new UsageError('a certificate needs its key and a key its certificate: give --tlscert and --tlskey')
  const names = Object.keys(tls) as (keyof TlsFiles)[]
  const named = names.map((name) => {
    const isOption = given[name] !== undefined
    return [name, isOption ? `--${name}` : address.tls?.[name] === undefined ? TLS_VARIABLES[name] : from]
  })
  return names.length === 0 ? {} : { tls, tlsFrom: Object.fromEntries(named) as TlsFiles }
}

const TLS_VARIABLES = { tlsca: '$NATS_CA', tlscert: '$NATS_CERT', tlskey: '$NATS_KEY' } as const

const tlsOf = ({ tlsca, tlscert, tlskey }: TlsFiles): TlsFiles => present<TlsFiles>({ tlsca, tlscert, tlskey })

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
