/** Examinations of a nats-server: the one that a local cluster would use, and one that runs. */
import { isFault } from '@waggle/kernel'
import { limits } from '@waggle/protocol'
import { size } from '../terminal/layout.ts'
import { refused, type Finding } from './finding.ts'

type Variables = Readonly<Record<string, string | undefined>>

/** Which nats-server `waggle up` would run. Looks only: what would have to be installed is not. */
export const checkNatsServer = async (environment: Variables): Promise<Finding> => {
  const check = 'nats-server'
  const { findNatsServer } = await import('@waggle/nats-server')
  try {
    const { version, path, source } = await findNatsServer({ need: 'unreplicated', environment, mayInstall: false })
    return { check, state: 'ok', text: `${version}, ${path} (${source}): \`waggle up\` would run it` }
  } catch (error) {
    const hint = '`waggle up` installs one where there is Go 1.25 or newer; a store in a folder needs none.'
    if (isFault(error) && error.code === 'NATS_SERVER_NOT_FOUND')
      return { check, state: 'warn', text: 'none yet', hint }
    return refused(check, error)
  }
}

/** What a server says to whoever connects. Ends early where none answers. */
export async function* checkGreeting(server: string): AsyncGenerator<Finding, boolean> {
  const { readServerInfo, refusalOf } = await import('@waggle/nats-server')
  const { hostname, port } = new URL(server)
  try {
    const info = await readServerInfo(hostname.replace(/^\[|\]$/g, ''), Number(port))
    yield { check: 'server', state: 'ok', text: `${info.serverName} answers at ${hostname}:${port}` }
    yield versionFinding(info.version, refusalOf(info.version, 'unreplicated'), refusalOf(info.version, 'replicated'))
    yield payloadFinding(info.maxPayloadBytes)
    yield jetStreamFinding(info.jetstream)
    return true
  } catch (error) {
    yield { ...refused('server', error), hint: 'Start the server, or mend the address.' }
    return false
  }
}

const versionFinding = (version: string, alone: string | undefined, replicated: string | undefined): Finding => {
  const check = 'version'
  if (alone !== undefined)
    return { check, state: 'fail', text: `${version}: ${alone}`, hint: 'Update the nats-server.' }
  if (replicated === undefined) return { check, state: 'ok', text: `${version}, fit for replicated logs` }
  const hint = 'One server alone is fine; before you replicate, update all of them.'
  return { check, state: 'warn', text: `${version}: ${replicated}`, hint }
}

/** The largest request and the headers that go with it. */
const PAYLOAD_BYTES = limits.REQUEST_BYTES_MAX + 65_536

const payloadFinding = (bytes: number): Finding => {
  const check = 'max_payload'
  if (bytes >= PAYLOAD_BYTES) return { check, state: 'ok', text: size(bytes) }
  const hint = `Set max_payload to ${PAYLOAD_BYTES} in the server's configuration: larger requests are refused.`
  return { check, state: 'warn', text: `${size(bytes)}: requests may have ${size(bytes - 65_536)}`, hint }
}

const jetStreamFinding = (isOn: boolean): Finding =>
  isOn
    ? { check: 'jetstream', state: 'ok', text: 'on' }
    : { check: 'jetstream', state: 'fail', text: 'off', hint: 'The logs need it: jetstream { store_dir: … }.' }
