/** What the client is told of an address. */
import { readFile } from 'node:fs/promises'
import { commandFault } from '../faults.ts'
import type { Address, TlsFiles } from './address.ts'

export interface ServerOptions {
  readonly servers: readonly string[]
  readonly name: string
  readonly user?: string
  readonly password?: string
  readonly token?: string
  /** The text of the file. */
  readonly creds?: string
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string }
}

/** By which the operators of the servers know the command's connections. */
const CONNECTION_NAME = 'waggle command'

/** @throws Fault `INPUT_UNREADABLE` for a file of credentials */
export const serverOptions = async ({ servers, credentials, tls }: Address): Promise<ServerOptions> => {
  const { creds, ...others } = credentials
  const common = { servers, name: CONNECTION_NAME, ...others, ...(tls === undefined ? {} : { tls: clientTls(tls) }) }
  return creds === undefined ? common : { ...common, creds: await readCreds(creds) }
}

const clientTls = ({ tlsca, tlscert, tlskey }: TlsFiles) => ({
  ...(tlsca === undefined ? {} : { caFile: tlsca }),
  ...(tlscert === undefined ? {} : { certFile: tlscert }),
  ...(tlskey === undefined ? {} : { keyFile: tlskey }),
})

const readCreds = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const reason = (error as Error).message
    throw commandFault('INPUT_UNREADABLE', `the credentials cannot be read reason=${reason}`, { path: file })
  }
}
