/** The files of a backup: whatever is in them comes back, and nothing else passes for it. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeManifest, encodeManifest, stateFile, type BackupManifest } from './backup-manifest.ts'

const hex = (digits: number) =>
  fc.string({ unit: fc.constantFrom('0', '1', '9', 'a', 'e', 'f'), minLength: digits, maxLength: digits })
const count = fc.nat({ max: 2 ** 40 })

const manifests: fc.Arbitrary<BackupManifest> = fc
  .record({
    createdAtMs: count,
    source: fc.constantFrom('cluster' as const, 'folder' as const),
    states: fc.array(
      fc.record({
        ...{ generation: hex(16), sequence: count, timeMs: count, digest: hex(64), content: hex(64) },
        ...{
          rows: count,
          contentRows: count,
          blocks: fc.array(fc.nat({ max: 2 ** 32 - 1 }), { minLength: 1, maxLength: 5 }),
        },
      }),
      { minLength: 1, maxLength: 6 },
    ),
  })
  .map(({ createdAtMs, source, states }) => ({
    ...{ createdAtMs, source, shards: states.length },
    states: states.map((state, shard) => ({
      ...{ ...state, shard, file: stateFile(shard), blockBytes: 1024, bytes: state.blocks.length * 1024 - 5 },
    })),
  }))

describe('M1 a manifest', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(manifests, (manifest) => {
        expect(decodeManifest(encodeManifest(manifest))).toEqual(manifest)
      }),
    )
  })

  it('P10: any other text is refused, wherever it differs', () => {
    fc.assert(
      fc.property(manifests, fc.nat(), fc.integer({ min: 1, max: 127 }), (manifest, place, flip) => {
        const bytes = Buffer.from(encodeManifest(manifest))
        const at = place % bytes.length
        bytes[at] = (bytes[at] as number) ^ flip
        const text = bytes.toString()
        expect(() => decodeManifest(text)).toThrow(
          expect.objectContaining({ code: expect.stringMatching(/^BACKUP_/) as string }),
        )
      }),
    )
  })

  it('M2: of another version is told apart from a damaged one', () => {
    const [manifest] = fc.sample(manifests, 1) as [BackupManifest]
    const text = encodeManifest(manifest).replace('"version":1', '"version":2')
    expect(() => decodeManifest(text)).toThrow(expect.objectContaining({ code: 'BACKUP_UNSUITABLE' }))
  })

  it('has one layout for ever', () => {
    const file = path.join(import.meta.dirname, '../../golden/backup-manifest-1.json')
    const text = readFileSync(file, 'utf8')
    expect(encodeManifest(decodeManifest(text))).toBe(text)
  })
})
