/**
 * A folder with everything that the users of a cluster of NATS servers need, one folder for each party: what is handed
 * to one shows nothing of the others.
 *
 * ```
 * nats/          nats-server.conf, passwords.conf, tls.crt, tls.key, ca.crt: the same for every server
 * users/<user>/  password, ca.crt and, where clients show a certificate, tls.crt, tls.key
 * users/route/   password: of the servers at one another
 * ca/            ca.crt, ca.key: to sign more; nobody needs it to run
 * ```
 *
 * U3  What is secret stays from one run to the next: passwords and the authority are made where they are absent. What
 *     follows from them, and certificates, are made anew each time. So a password is changed by removing its file.
 * U4  A password of ours is 192 random bits, which no guessing finds: its hash has the least cost, so that a thousand
 *     clients that come back at once do not keep a server busy. It begins with a letter, for whoever gives it to a
 *     server by its environment (G4).
 */
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { hexOf, type Clock, type Random } from '@waggle/kernel'
import { issueCertificate, makeAuthority, type CertifiedKey } from '@waggle/nats-server'
import { commandFault, UsageError } from '../faults.ts'
import { natsServerConf, passwordsConf, ROUTE_USER, type NatsSetup } from './nats-setup.ts'
import { setupUsers } from './setup-users.ts'

export interface FolderSetup extends NatsSetup {
  /** Made where it is absent. */
  readonly path: string
  /** Further names in the servers' certificate, such as that of a balancer before them. */
  readonly names: readonly string[]
}

export interface SetupPorts {
  readonly clock: Clock
  readonly random: Random
}

/** What of it goes to whom. */
export interface Handover {
  readonly folder: string
  readonly files: readonly string[]
  readonly purpose: string
}

type Files = Readonly<Record<string, string>>

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** As long as browsers allow servers, which is a habit worth having. */
const CERTIFICATE_MS = 397 * DAY_MS
const AUTHORITY_MS = 3_650 * DAY_MS

/** @throws UsageError; Fault `INPUT_UNREADABLE`, `OUTPUT_FAILED` */
export const writeSetup = async (setup: FolderSetup, ports: SetupPorts): Promise<readonly Handover[]> => {
  const folder = new SetupFolder(setup.path, ports.random)
  const conf = natsServerConf(setup)
  const users = setupUsers(setup.tenants)
  const authority = setup.tls === 'none' ? undefined : await folder.authority(validity(ports, AUTHORITY_MS))
  const hashes = new Map<string, string>()
  for (const { name } of users) hashes.set(name, await hashOf(name, await folder.password(name)))
  const route = await folder.password(ROUTE_USER)
  if (!/^\w+$/.test(route)) throw new UsageError('the password of route stands in addresses: letters and digits only')

  const written: Handover[] = []
  const hand = async (name: string, files: Files, purpose: string, there: readonly string[] = []): Promise<void> => {
    await folder.write(name, files)
    written.push({ folder: path.join(setup.path, name), files: [...there, ...Object.keys(files)], purpose })
  }
  const certificate = { ...validity(ports, CERTIFICATE_MS), authority }
  const served = { use: 'server' as const, hosts: [...new Set([...setup.hosts, ...setup.names, ...LOCAL])] }
  await hand(
    'nats',
    {
      'nats-server.conf': conf,
      'passwords.conf': passwordsConf(setup, hashes, route),
      ...(await certified({ ...certificate, name: 'nats', ...served })),
    },
    'every server',
  )
  for (const { name, purpose } of users) {
    const own = setup.tls === 'mutual' ? await certified({ ...certificate, name, use: 'client' }) : caOf(authority)
    await hand(`users/${name}`, own, purpose, ['password'])
  }
  return written
}

/** By which the server is reached on its own machine. */
const LOCAL = ['localhost', '127.0.0.1']

const validity = ({ clock }: SetupPorts, durationMs: number) => {
  // Clocks differ.
  const fromMs = clock.nowMs() - HOUR_MS
  return { fromMs, untilMs: fromMs + durationMs }
}

const caOf = (authority: CertifiedKey | undefined): Files =>
  authority === undefined ? {} : { 'ca.crt': authority.certificate }

type Certified = Parameters<typeof issueCertificate>[1] & { readonly authority: CertifiedKey | undefined }

/** The three files of whoever has a certificate; none without an authority. */
const certified = async ({ authority, ...options }: Certified): Promise<Files> => {
  if (authority === undefined) return {}
  const { certificate, key } = await issueCertificate(authority, options)
  return { 'tls.crt': certificate, 'tls.key': key, ...caOf(authority) }
}

/** U4 */
const COST = 4
/** What is beyond has no part in a hash. */
const PASSWORD_BYTES_MAX = 72

const hashOf = async (user: string, password: string): Promise<string> => {
  const { hash } = await import('bcryptjs')
  const bytes = Buffer.byteLength(password)
  if (bytes === 0 || bytes > PASSWORD_BYTES_MAX)
    throw new UsageError(`the password of ${user} has ${bytes} bytes, not 1..${PASSWORD_BYTES_MAX}`)
  // The server knows hashes by this beginning, in a variable too; both name the same function.
  return (await hash(password, COST)).replace(/^\$2b\$/, '$2a$')
}

class SetupFolder {
  readonly #path: string
  readonly #random: Random

  constructor(folder: string, random: Random) {
    this.#path = folder
    this.#random = random
  }

  /** U3 */
  async password(user: string): Promise<string> {
    const found = await this.#read(`users/${user}/password`)
    if (found !== undefined) return found.trimEnd()
    const made = `w${hexOf(this.#random.bytes(24))}`
    await this.write(`users/${user}`, { password: `${made}\n` })
    return made
  }

  /** U3 */
  async authority(validity: { readonly fromMs: number; readonly untilMs: number }): Promise<CertifiedKey> {
    const [certificate, key] = [await this.#read('ca/ca.crt'), await this.#read('ca/ca.key')]
    if (certificate !== undefined && key !== undefined) return { certificate, key }
    const made = await makeAuthority({ name: 'waggle-authority', ...validity })
    await this.write('ca', { 'ca.crt': made.certificate, 'ca.key': made.key })
    return made
  }

  /** Each file is the old one or the new one, whole. */
  async write(folder: string, files: Files): Promise<void> {
    try {
      const place = path.join(this.#path, folder)
      await mkdir(place, { recursive: true, mode: 0o700 })
      for (const [name, text] of Object.entries(files)) {
        const file = path.join(place, name)
        const mode = isOpen(name) ? 0o644 : 0o600
        await writeFile(`${file}.draft`, text, { mode })
        // The mode counts for a new file only, and a draft may have been left.
        await chmod(`${file}.draft`, mode)
        await rename(`${file}.draft`, file)
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw commandFault('OUTPUT_FAILED', `the set-up cannot be written reason=${reason}`, { reason }, { cause: error })
    }
  }

  async #read(file: string): Promise<string | undefined> {
    const found = path.join(this.#path, file)
    try {
      return await readFile(found, 'utf8')
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return undefined
      throw commandFault('INPUT_UNREADABLE', `a secret cannot be read reason=${message}`, { path: found })
    }
  }
}

const isOpen = (name: string): boolean => name.endsWith('.crt') || name === 'nats-server.conf'
