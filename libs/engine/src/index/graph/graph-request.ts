/** What is asked of the thread that keeps the graphs, and its answers. A graph goes by a number that its owner gave. */
import type { GraphIdentity, GraphRecord } from './graph-file.ts'

export interface GraphRequests {
  /** Begins a graph: the one of the file where there is a good one, else an empty one. */
  open: {
    readonly ask: {
      readonly graph: number
      readonly identity: GraphIdentity
      /** Of its file, which may be absent. */
      readonly base: string
      /** How many vectors an empty one will have. */
      readonly expected: number
    }
    readonly answer: { readonly found?: GraphRecord; /** Why a file was removed. */ readonly refused?: string }
  }
  /** Adds vectors; their labels follow those that were given before. */
  add: {
    readonly ask: {
      readonly graph: number
      /** 16 bytes each. */
      readonly ids: Uint8Array
      /** One after the other. */
      readonly vectors: Float32Array
    }
    readonly answer: true
  }
  remove: {
    readonly ask: { readonly graph: number; readonly labels: Uint32Array }
    readonly answer: true
  }
  search: {
    readonly ask: { readonly graph: number; readonly query: Float32Array; readonly k: number; readonly ef: number }
    /** None while the graph is written. */
    readonly answer: { readonly labels?: Uint32Array }
  }
  save: {
    readonly ask: {
      readonly graph: number
      readonly note: unknown
      /** The note alone, in place of a graph. */
      readonly isNoteOnly: boolean
    }
    readonly answer: true
  }
  release: {
    readonly ask: { readonly graph: number }
    readonly answer: true
  }
  /** Removes the file of a graph that nobody keeps. */
  forget: {
    readonly ask: { readonly base: string }
    readonly answer: true
  }
}

export type GraphOperation = keyof GraphRequests
export type GraphAsk<Name extends GraphOperation> = GraphRequests[Name]['ask']
export type GraphAnswer<Name extends GraphOperation> = GraphRequests[Name]['answer']

/** Whoever answers: the thread's keeper itself, or somebody who passes it on. */
export interface GraphDesk {
  /** @throws Error what went wrong; the graph is of no use any more */
  ask<Name extends GraphOperation>(name: Name, ask: GraphAsk<Name>): Promise<GraphAnswer<Name>>
}

/** To the thread. `stop` ends it, after what was asked before. */
export type GraphMessage =
  { readonly number: number; readonly name: GraphOperation; readonly ask: GraphAsk<GraphOperation> } | 'stop'

/** From the thread. */
export interface GraphReply {
  readonly number: number
  readonly answer?: GraphAnswer<GraphOperation>
  /** What went wrong, instead of an answer. */
  readonly error?: string
}
