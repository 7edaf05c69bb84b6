/** The loops over rows in WebAssembly: `scan-kernel.wat` says what they do, and its rules K1 and K2. */
import { SCAN_KERNEL } from './scan-kernel-binary.ts'

export interface ScanKernel {
  readonly scan: (
    list: number,
    count: number,
    codes: number,
    stride: number,
    scales: number,
    slacks: number,
    query: number,
    unit: number,
    threshold: number,
    out: number,
  ) => number
  readonly dot: (left: number, right: number, size: number) => number
  readonly peak: (at: number, size: number) => number
  readonly encode: (at: number, size: number, factor: number, codes: number) => number
}

/** Memory that can grow, whereupon it has another buffer. */
export interface GrowingMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** What is used of the platform's own. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => GrowingMemory
  readonly Module: new (binary: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown }
}

export const PAGE_BYTES = 64 * 1024

/** Compiled when it is first needed. */
let compiled: object | undefined

/** Memory, and the kernel that works in it. @param most in pages: at most 65,536 */
export const instantiate = (first: number, most: number): { memory: GrowingMemory; kernel: ScanKernel } => {
  compiled ??= new WebAssembly.Module(Buffer.from(SCAN_KERNEL, 'base64'))
  const memory = new WebAssembly.Memory({ initial: first, maximum: most })
  const { exports } = new WebAssembly.Instance(compiled, { scan: { memory } })
  return { memory, kernel: exports as ScanKernel }
}
