/**
 * Keeps the graphs of a process, in a thread of its own.
 *
 * W1  Changes of a graph take place one after the other, in the order in which they were asked for.
 * W2  Between two insertions searches have their turn, so none waits for a build.
 * W3  Every call of the binding passes the gate (`native-gate.ts`).
 */
import { assert, present } from '@waggle/kernel'
import { crc32 } from 'node:zlib'
import { checkGraph, graphPath, removeGraph, writeGraph, writeNote, type GraphIdentity } from './graph-file.ts'
import type { GraphAnswer, GraphAsk, GraphDesk, GraphOperation } from './graph-request.ts'
import { HnswGraph } from './hnsw-graph.ts'
import { LabelTable } from './label-table.ts'
import type { NativeGate } from './native-gate.ts'

interface KeptGraph {
  readonly identity: GraphIdentity
  readonly base: string
  readonly graph: HnswGraph
  readonly labels: LabelTable
}

export interface GraphKeeperParts {
  readonly gate: NativeGate
  /** W2. Resolves when others had their turn. */
  readonly yield: () => Promise<void>
}

type Operations = { readonly [Name in GraphOperation]: (ask: GraphAsk<Name>) => Promise<GraphAnswer<Name>> }

export class GraphKeeper implements GraphDesk {
  readonly #parts: GraphKeeperParts
  readonly #graphs = new Map<number, KeptGraph>()
  /** W1: the end of what was asked for last, by graph. */
  readonly #last = new Map<number, Promise<unknown>>()
  #isStopping = false

  constructor(parts: GraphKeeperParts) {
    this.#parts = parts
  }

  async ask<Name extends GraphOperation>(name: Name, ask: GraphAsk<Name>): Promise<GraphAnswer<Name>> {
    const operation: Operations[Name] = this.#operations[name]
    if (name === 'search' || !('graph' in ask)) return operation(ask)
    const before = this.#last.get(ask.graph)
    const done = (async () => {
      await before?.catch(() => undefined)
      return operation(ask)
    })()
    this.#last.set(ask.graph, done)
    return done
  }

  /** Resolves when nothing is under way; what is being added is left where it is. */
  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.allSettled(this.#last.values())
  }

  readonly #operations: Operations = {
    open: async ({ graph, identity, base, expected }) => {
      assert(!this.#graphs.has(graph), 'a graph is opened once')
      const { gate } = this.#parts
      const { dimension } = identity
      const keep = (made: HnswGraph, labels: LabelTable): void => {
        this.#graphs.set(graph, { identity, base, graph: made, labels })
      }
      const keepNew = (): void => {
        const made = gate.pass(() => HnswGraph.create(dimension, expected))
        keep(made, new LabelTable())
      }
      try {
        const found = await checkGraph(base, identity)
        if (found !== undefined && found.checks.length > 0) {
          const read = await gate.passAsync(() => HnswGraph.read(graphPath(base), dimension, found.dead))
          keep(read, LabelTable.from(found))
        } else keepNew()
        return found === undefined ? {} : { found }
      } catch (error) {
        // What cannot be removed cannot be written either, and that is told when it is.
        await removeGraph(base).catch(() => undefined)
        keepNew()
        return { refused: String(error) }
      }
    },

    add: async ({ graph: number, ids, vectors }) => {
      const { graph, labels, identity } = this.#kept(number)
      const { dimension } = identity
      for (let start = 0; start < vectors.length && !this.#isStopping; start += dimension) {
        const vector = vectors.subarray(start, start + dimension)
        const label = this.#parts.gate.pass(() => graph.add(vector))
        const place = 16 * (start / dimension)
        labels.set(label, ids.subarray(place, place + 16), checkOf(vector))
        await this.#parts.yield()
      }
      return true
    },

    remove: async ({ graph: number, labels }) => {
      const { graph } = this.#kept(number)
      for (const label of labels) this.#parts.gate.pass(() => graph.remove(label))
      return true
    },

    search: async ({ graph: number, query, k, ef }) => {
      const { graph } = this.#kept(number)
      return graph.isWriting ? {} : { labels: this.#parts.gate.pass(() => graph.search(query, k, ef)) }
    },

    save: async ({ graph: number, note, isNoteOnly }) => {
      const { base, identity, graph, labels } = this.#kept(number)
      if (isNoteOnly) {
        await writeNote(base, identity, note)
        return true
      }
      const record = { ...labels.upTo(graph.count), dead: Uint32Array.from(graph.dead), note }
      await writeGraph(base, identity, record, (file) => this.#parts.gate.passAsync(() => graph.write(file)))
      return true
    },

    release: async ({ graph: number }) => {
      const { graph } = this.#kept(number)
      this.#graphs.delete(number)
      this.#last.delete(number)
      this.#parts.gate.pass(() => graph.release())
      return true
    },

    forget: async ({ base }) => {
      await removeGraph(base)
      return true
    },
  }

  #kept(graph: number): KeptGraph {
    return present(this.#graphs.get(graph), 'graph of that number')
  }
}

/** Tells two vectors apart. */
export const checkOf = (vector: Float32Array): number =>
  crc32(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength))
