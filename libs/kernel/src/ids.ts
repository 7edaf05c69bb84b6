import type { Clock } from './clock.ts'
import type { Random } from './random.ts'
import { formatUuid, type Uuid } from './uuid.ts'

/** Fresh identifiers, as the only way to ask for them. */
export interface IdSource {
  /** A UUID of version 7: ordered by creation to the millisecond, random below it. */
  uuid(): Uuid
}

/** Version 7 identifiers over a clock and a source of randomness (RFC 9562, section 5.7). */
export const uuidV7Source = (clock: Clock, random: Random): IdSource => ({
  uuid() {
    const bytes = random.bytes(16)
    const view = new DataView(bytes.buffer, bytes.byteOffset, 16)
    const nowMs = clock.nowMs()
    view.setUint16(0, Math.floor(nowMs / 2 ** 32))
    view.setUint32(2, nowMs % 2 ** 32)
    view.setUint8(6, 0x70 | (view.getUint8(6) & 0x0f))
    view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f))
    return formatUuid(bytes)
  },
})
