/**
 * The current context of the NATS tools: `context.txt` names it, `context/<name>.json` describes it.
 *
 * X1  What cannot be honoured is refused, never left out: a connection without the key that a context asks for would be
 *     another one than the user selected.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { commandFault } from '../faults.ts'
import { decodeAddress, isAnybody, type Address } from './address.ts'

/** Fields that a context may leave empty, but if it fills them, they decide who connects, or to whom. */
const UNSUPPORTED = ['nkey', 'nsc', 'user_jwt', 'user_seed', 'socks_proxy', 'inbox_prefix'] as const

export interface NatsContext extends Address {
  readonly name: string
}

export interface ContextFolders {
  /** `$XDG_CONFIG_HOME`, usually `~/.config`. */
  readonly config: string
  /** What `~` stands for. */
  readonly home: string
}

/** `undefined` where no context is selected. @throws Fault `CONTEXT_UNUSABLE` */
export const currentContext = async ({ config, home }: ContextFolders): Promise<NatsContext | undefined> => {
  const name = (await readText(path.join(config, 'nats', 'context.txt')))?.trim() ?? ''
  if (name === '') return undefined
  if (!/^[^/\\]+$/.test(name) || name.startsWith('.')) throw unusable(name, 'its name is no name of a file')
  const text = await readText(path.join(config, 'nats', 'context', `${name}.json`))
  if (text === undefined) throw unusable(name, 'it is selected, but there is none of that name')
  const fields = decodeFields(name, text)
  const { user, password, token, creds, ca, cert, key } = fields
  const asked = UNSUPPORTED.find((field) => fields[field] !== undefined)
  if (asked !== undefined) throw unusable(name, `this version cannot do what its field asks for field=${asked}`) // X1
  const atHome = (file: string): string => file.replace(/^~(?=\/|$)/, home)
  const address = decodeAddress(fields.url ?? 'nats://127.0.0.1:4222', `url of the NATS context ${name}`)
  const credentials = {
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(token === undefined ? {} : { token }),
    ...(creds === undefined ? {} : { creds: atHome(creds) }),
  }
  const tls = {
    ...(ca === undefined ? {} : { tlsca: atHome(ca) }),
    ...(cert === undefined ? {} : { tlscert: atHome(cert) }),
    ...(key === undefined ? {} : { tlskey: atHome(key) }),
  }
  return {
    ...{ name, servers: address.servers, tls },
    credentials: isAnybody(credentials) ? credentials : address.credentials,
  }
}

const readText = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw commandFault('CONTEXT_UNUSABLE', `the NATS context cannot be read reason=${message}`, { file })
  }
}

/** The fields that are filled with a text. */
const decodeFields = (name: string, text: string): Readonly<Record<string, string | undefined>> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unusable(name, 'it is no JSON object')
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== ''),
  )
}

const unusable = (context: string, reason: string) =>
  commandFault('CONTEXT_UNUSABLE', `the NATS context cannot be used context=${context}: ${reason}`, { context })
