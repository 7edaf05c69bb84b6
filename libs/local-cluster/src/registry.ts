/**
 * Where a user's running clusters are noted down, so that an operator's command on this machine finds its credentials
 * by the port alone: `<state folder>/waggle/clusters/<port>.json`, readable by this user only.
 */
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { readJsonFile, writeJsonFile } from './json-file.ts'
import { identityOf, isAlive, isIdentity } from './process-identity.ts'

export interface OperatorAccess {
  readonly server: string
  readonly user: string
  readonly password: string
}

export interface RegisteredCluster {
  readonly port: number
  readonly folder: string
  readonly operator: OperatorAccess
}

const folderOf = (stateFolder: string): string => path.join(stateFolder, 'waggle', 'clusters')
const fileOf = (stateFolder: string, port: number): string => path.join(folderOf(stateFolder), `${port}.json`)

/** Notes a cluster down under this process; it counts while this process lives. Notes of the dead go. */
export const registerCluster = async (stateFolder: string, cluster: RegisteredCluster): Promise<void> => {
  const note = { ...cluster, ...identityOf(process.pid) }
  await writeJsonFile(fileOf(stateFolder, cluster.port), note, { isSecret: true })
  for (const name of await readdir(folderOf(stateFolder))) {
    const file = path.join(folderOf(stateFolder), name)
    const value = await readJsonFile(file)
    if (isIdentity(value) && !isAlive(value)) await rm(file, { force: true })
  }
}

export const forgetCluster = async (stateFolder: string, port: number): Promise<void> =>
  rm(fileOf(stateFolder, port), { force: true })

/** The credentials of the operator of the local cluster on that port; `undefined` when none of this user's runs. */
export const findOperatorAccess = async (stateFolder: string, port: number): Promise<OperatorAccess | undefined> => {
  const value = await readJsonFile(fileOf(stateFolder, port))
  if (!isIdentity(value) || !isAlive(value)) return undefined
  const { operator } = value as Partial<RegisteredCluster>
  const { server, user, password } = (operator ?? {}) as Partial<Record<keyof OperatorAccess, unknown>>
  if (typeof server !== 'string' || typeof user !== 'string' || typeof password !== 'string') return undefined
  return { server, user, password }
}
