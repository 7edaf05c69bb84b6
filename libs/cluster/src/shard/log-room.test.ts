import { describe, expect, test } from 'vitest'
import { roomFault, type Room } from './log-room.ts'

const GIB = 1024 ** 3
const room = (more: Partial<Room> = {}): Room => ({ log: { bytes: 0, bytesMax: 1_000 }, trouble: undefined, ...more })

describe('K1 writes are refused', () => {
  test.each<readonly [string, Room, object | undefined]>([
    ['F1 not while the log has room', room({ log: { bytes: 899, bytesMax: 1_000 } }), undefined],
    ['F1 above 90 % of the log', room({ log: { bytes: 900, bytesMax: 1_000 } }), { of: 'log', bytes: 900, limit: 900 }],
    ['F1 never where the log has no bound', room({ log: { bytes: 900, bytesMax: -1 } }), undefined],
    ['F1 when an append found it full', room({ trouble: 'STORAGE_FULL' }), { of: 'log', bytes: 0, limit: 900 }],
    ['F2 not while a tenth of the disk is free', room({ disk: { bytesFree: 10, bytesMax: 100 } }), undefined],
    [
      'F2 above 90 % of a small disk',
      room({ disk: { bytesFree: 9, bytesMax: 100 } }),
      { of: 'disk', bytes: 91, limit: 90 },
    ],
    ['F2 not while 1 GiB of a large disk is free', room({ disk: { bytesFree: GIB, bytesMax: 900 * GIB } }), undefined],
    ['F2 with less than that', room({ disk: { bytesFree: GIB - 1, bytesMax: 900 * GIB } }), { of: 'disk' }],
  ])('%s', (_, given, details) => {
    const refused = roomFault(3, given)
    if (details === undefined) expect(refused).toBeUndefined()
    else expect(refused).toMatchObject({ code: 'STORAGE_FULL', kind: 'busy', retryAfterMs: 1_000, details })
  })
})
