/**
 * The file `manifest.json` of a backup: what is in it, and how to tell that it is whole. It is written last.
 *
 * M1  The text is canonical: what decodes is encoded again and must be the same text. With the checksum in it, any
 *     other byte is noticed.
 * M2  A version that is not known is refused, never guessed at.
 */
import { hexOf, sha256, utf8 } from '@waggle/kernel'
import { isGeneration, isMap, limits } from '@waggle/protocol'
import { commandFault } from '../faults.ts'

export const MANIFEST_FILE = 'manifest.json'
const FORMAT = 'waggle-backup'
const VERSION = 1

/** The state of one shard, in a file of its own. */
export interface BackedUpState {
  readonly shard: number
  readonly file: string
  readonly generation: string
  /** Of the last record that it has. */
  readonly sequence: number
  /** Of that record: milliseconds since the Unix epoch. */
  readonly timeMs: number
  /** SHA-256 of every row of the state. */
  readonly digest: string
  /** SHA-256 of the rows that tenants' requests led to: the same in whatever life of the log the state goes on. */
  readonly content: string
  readonly rows: number
  readonly contentRows: number
  readonly bytes: number
  /** CRC-32 of each `blockBytes` of the file, the last of them shorter: where it is damaged. */
  readonly blockBytes: number
  readonly blocks: readonly number[]
}

export interface BackupManifest {
  readonly createdAtMs: number
  readonly source: 'cluster' | 'folder'
  /** How many the place has: as many as there are states. */
  readonly shards: number
  readonly states: readonly BackedUpState[]
}

export const encodeManifest = ({ createdAtMs, source, shards, states }: BackupManifest): string => {
  const body = { format: FORMAT, version: VERSION, createdAtMs, source, shards, states: states.map(ordered) }
  return `${JSON.stringify({ ...body, checksum: hexOf(sha256(utf8(JSON.stringify(body)))) })}\n`
}

/** @throws Fault `BACKUP_DAMAGED`, `BACKUP_UNSUITABLE` (M2) */
export const decodeManifest = (text: string): BackupManifest => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw damagedManifest('it is no JSON')
  }
  if (!isMap(value) || value.format !== FORMAT) throw damagedManifest('it is no manifest of a backup')
  if (value.version !== VERSION)
    throw commandFault(
      'BACKUP_UNSUITABLE',
      `backup has another version version=${String(value.version)} known=${VERSION}`,
      {
        known: VERSION,
      },
    )
  if (!isManifest(value)) throw damagedManifest('a field is missing or wrong')
  // M1.
  if (encodeManifest(value) !== text) throw damagedManifest('its checksum is another one')
  const { createdAtMs, source, shards, states } = value
  return { createdAtMs, source, shards, states }
}

/** Fields in the order in which they are written. */
const ordered = (state: BackedUpState): BackedUpState => {
  const { shard, file, generation, sequence, timeMs, digest, content, rows, contentRows, bytes } = state
  const { blockBytes, blocks } = state
  return {
    ...{ shard, file, generation, sequence, timeMs, digest, content },
    ...{ rows, contentRows, bytes, blockBytes, blocks },
  }
}

const isManifest = (
  value: Readonly<Record<string, unknown>>,
): value is Readonly<Record<string, unknown>> & BackupManifest => {
  const { createdAtMs, source, shards, states } = value
  return (
    isCount(createdAtMs) &&
    (source === 'cluster' || source === 'folder') &&
    isCount(shards) &&
    shards >= 1 &&
    shards <= limits.SHARDS_MAX &&
    Array.isArray(states) &&
    states.length === shards &&
    states.every(isState)
  )
}

const isState = (value: unknown, shard: number): boolean => {
  if (!isMap(value) || value.shard !== shard || value.file !== stateFile(shard)) return false
  const { generation, digest, content, blockBytes, blocks, bytes } = value
  return (
    isGeneration(generation) &&
    [digest, content].every((text) => typeof text === 'string' && /^[0-9a-f]{64}$/.test(text)) &&
    [value.sequence, value.timeMs, value.rows, value.contentRows, bytes, blockBytes].every(isCount) &&
    (blockBytes as number) > 0 &&
    Array.isArray(blocks) &&
    blocks.every(isCount) &&
    blocks.length === Math.ceil((bytes as number) / (blockBytes as number))
  )
}

export const stateFile = (shard: number): string => `shard-${shard}.checkpoint`

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

const damagedManifest = (reason: string) =>
  commandFault('BACKUP_DAMAGED', `backup is damaged: ${reason} file=${MANIFEST_FILE}`, { file: MANIFEST_FILE, reason })
