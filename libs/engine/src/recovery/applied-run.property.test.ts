import type { Generation, Sequence } from '@waggle/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Overlay } from '../state/overlay.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { WRITE_BUFFER_BYTES } from '../store/write-buffer.ts'
import { AppliedRun } from './applied-run.ts'
import { initialPosition, type Position } from './position.ts'

const hash = new Uint8Array(32)

/** Records of up to half a window, some of which are fenced several times before they are there. */
const records = fc.array(
  fc.record({
    bytes: fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: WRITE_BUFFER_BYTES })),
    attempts: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 120 },
)

describe('the run of what was applied', () => {
  test('K2 L7 it is gapless after every record, however often appends were taken back, and when reopened', async () => {
    await fc.assert(
      fc.asyncProperty(records, async (steps) => {
        const store = new MemoryStore()
        let position: Position = initialPosition('0123456789abcdef' as Generation)
        const run = await AppliedRun.load(store, position)
        for (const { bytes, attempts } of steps) {
          const reopened = await AppliedRun.load(store, position)
          const sequence = (position.applied + 1) as Sequence
          let changes = new Overlay(store)
          let runFrom = run.extend(changes, { sequence, bytes, hash })
          for (let attempt = 1; attempt < attempts; attempt += 1) {
            run.retract(sequence)
            changes = new Overlay(store)
            runFrom = run.extend(changes, { sequence, bytes, hash })
          }
          expect(reopened.extend(new Overlay(store), { sequence, bytes, hash })).toBe(runFrom)
          await store.write(changes.changes(), { sync: false })
          position = { ...position, applied: sequence, runFrom }
        }
        await AppliedRun.load(store, position)
      }),
      { numRuns: 60 },
    )
  })
})
