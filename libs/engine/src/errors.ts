/** Faults that only a process with an engine in it can meet; the others are in `@waggle/protocol`. */
import { faultMaker, isFault, type FaultCatalogue } from '@waggle/kernel'

export const engineFaultCatalogue = {
  CORRUPT: {
    kind: 'corrupt',
    summary: 'Stored bytes are damaged or missing.',
    advice: 'Stop writing, keep the folder as it is, and restore from an export or a copy.',
  },
  READ_ONLY: {
    kind: 'denied',
    summary: 'The store was opened for reading only.',
    advice: 'Open it without `readOnly` to write.',
  },
  DATABASE_LOCKED: {
    kind: 'conflict',
    summary: 'Another live store holds the folder.',
    advice: 'Close the holder named in the details, or use another folder.',
  },
  FORMAT_UNSUPPORTED: {
    kind: 'corrupt',
    summary: 'The folder or a log record was written in a format that this version does not know.',
    advice: 'Open it with the version that wrote it, or a newer one.',
  },
  STORAGE_FAILED: {
    kind: 'unavailable',
    summary: 'The disk refused a write, so its outcome is unknown.',
    advice: 'Free room or mend the disk, open the store again and repeat the write with the same idempotency key.',
  },
} as const satisfies FaultCatalogue

export const engineFault = faultMaker(engineFaultCatalogue)

/** Whether whoever works in the background was refused for now, and not for what he works on. */
export const isRefusedForNow = (error: unknown): boolean => isFault(error) && FOR_NOW.has(error.kind)

const FOR_NOW: ReadonlySet<string> = new Set(['busy', 'closed', 'moved', 'unavailable'])

/** PulseDB's words. */
export const readOnlyFault = () => engineFault('READ_ONLY', 'Database is in read-only mode')
