/**
 * The graphs of an engine's indexes. Their files are named after the lives of collectives,
 * `<tenant>.<sequence>.<index>`, and go with them; what a crash left of one is found when the engine opens.
 */
import type { Clock, Logger, Timers } from '@waggle/kernel'
import type { Generation, Sequence, TenantId } from '@waggle/protocol'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { statisticsKey, type Scope } from '../../state/keyspace.ts'
import type { StateView } from '../../state/overlay.ts'
import { TieredIndex } from '../tiered-index.ts'
import { removeGraph } from './graph-file.ts'
import type { GraphFolder } from './graph-host.ts'
import type { FlatTier } from './graph-measure.ts'
import { GraphTier, type GraphLimits } from './graph-tier.ts'

export interface IndexGraphsParts {
  readonly graphs: GraphFolder
  readonly generation: Generation
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly limits?: GraphLimits
}

export class IndexGraphs {
  readonly #parts: IndexGraphsParts

  constructor(parts: IndexGraphsParts) {
    this.#parts = parts
  }

  /** The index of a collective's experiences, with a graph above it where that pays. */
  over(flat: FlatTier, scope: Scope, dimension: number): TieredIndex {
    const name = nameOf(scope)
    const index = `${this.#parts.generation} ${name}`
    return new TieredIndex(flat, new GraphTier({ ...this.#parts, flat, dimension, name, index }))
  }

  /** The collective is gone, and so is its graph. */
  forget(scope: Scope): void {
    this.#forget(nameOf(scope))
  }

  /** Removes the files of collectives that have gone. @throws Error where that cannot be told */
  async sweep(state: StateView): Promise<void> {
    const files = await readdir(this.#parts.graphs.path)
    const scopes = files.map((file) => ({ file, scope: scopeOf(file) }))
    const gone = scopes.filter(({ scope }) => scope !== undefined && state.get(statisticsKey(scope)) === undefined)
    for (const name of new Set(gone.map(({ scope }) => nameOf(scope as Scope)))) this.#forget(name)
  }

  #forget(name: string): void {
    // What stays is found when the engine opens again.
    removeGraph(join(this.#parts.graphs.path, name)).catch(() => undefined)
  }
}

const nameOf = ({ tenant, incarnation }: Scope): string => `${tenant}.${incarnation.sequence}.${incarnation.index}`

/** Of the name of a file; tenants have no dots. */
const scopeOf = (file: string): Scope | undefined => {
  const [, tenant, sequence, index] = /^([^.]+)\.(\d+)\.(\d+)\./.exec(file) ?? []
  if (tenant === undefined) return undefined
  return { tenant: tenant as TenantId, incarnation: { sequence: Number(sequence) as Sequence, index: Number(index) } }
}
