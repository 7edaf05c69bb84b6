/**
 * Starts the thread that keeps the graphs, when the first one is asked for, and speaks with it.
 *
 * T1  There is one thread for a host, and a process needs one host. It is never terminated: it is told to stop, and
 *     waited for. When the process exits without that, the exit waits for the call of the binding under way.
 * T2  The thread keeps the process alive only while somebody waits for an answer or for its end.
 * T3  When the thread fails, what was asked is refused, and so is all that comes later: indexes go on without graphs.
 */
import { onProcessExit, present, type Logger } from '@waggle/kernel'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { GraphAnswer, GraphAsk, GraphDesk, GraphMessage, GraphOperation, GraphReply } from './graph-request.ts'
import { NativeGate } from './native-gate.ts'

/** Where an engine has its graphs. */
export interface GraphFolder extends GraphDesk {
  readonly path: string
  /** A number for a graph that is to be opened. */
  nextGraph(): number
}

/** Sources are not compiled, and a thread takes only what is: there the compiled one stands in. */
const ENTRY = import.meta.url.endsWith('.ts')
  ? new URL('../../../dist/index/graph/graph-worker.js', import.meta.url)
  : new URL('graph-worker.js', import.meta.url)

interface Waiting {
  readonly resolve: (answer: GraphAnswer<GraphOperation>) => void
  readonly reject: (error: Error) => void
}

export class GraphHost implements GraphDesk {
  readonly #logger: Logger
  readonly #entry: URL
  readonly #waiting = new Map<number, Waiting>()
  #thread: Thread | undefined
  #failure: Error | undefined
  #asked = 0
  #graphs = 0

  /** @param entry what its thread runs */
  constructor(logger: Logger, entry = ENTRY) {
    this.#logger = logger
    this.#entry = entry
  }

  /** The graphs of one engine. @param parent folder that they get a folder in */
  folder(parent: string): GraphFolder {
    return {
      path: join(parent, 'indexes'),
      ask: (name, ask) => this.ask(name, ask),
      nextGraph: () => (this.#graphs += 1),
    }
  }

  async ask<Name extends GraphOperation>(name: Name, ask: GraphAsk<Name>): Promise<GraphAnswer<Name>> {
    if (this.#failure !== undefined) throw this.#failure
    const { worker } = (this.#thread ??= this.#start())
    const number = (this.#asked += 1)
    // T2.
    if (this.#waiting.size === 0) worker.ref()
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject })
      worker.postMessage({ number, name, ask } satisfies GraphMessage, transferOf(ask))
    })
  }

  /** Ends the thread; what was asked before is answered, or refused where it would take long. */
  async close(): Promise<void> {
    this.#failure ??= new Error('the host of the graphs is closed')
    const thread = this.#thread
    if (thread === undefined) return
    thread.worker.ref()
    thread.worker.postMessage('stop' satisfies GraphMessage)
    await thread.ended
  }

  #start(): Thread {
    const memory = NativeGate.memory()
    // Options of the process are for its sources, where it runs those.
    const worker = new Worker(this.#entry, { workerData: memory, execArgv: [] })
    const gate = new NativeGate(memory)
    const forgetExit = onProcessExit(() => gate.close())
    worker.unref()
    worker.on('message', (reply: GraphReply) => this.#answered(worker, reply))
    worker.on('error', (error) => this.#fail(error))
    const ended = new Promise<void>((resolve) => {
      worker.on('exit', () => {
        forgetExit()
        this.#fail(new Error('the thread of the graphs has ended'))
        resolve()
      })
    })
    return { worker, ended }
  }

  #answered(worker: Worker, { number, answer, error }: GraphReply): void {
    const waiting = present(this.#waiting.get(number), 'whoever asked')
    this.#waiting.delete(number)
    if (this.#waiting.size === 0 && this.#failure === undefined) worker.unref()
    if (answer === undefined) waiting.reject(new Error(error))
    else waiting.resolve(answer)
  }

  /** T3. */
  #fail(error: Error): void {
    if (this.#failure === undefined)
      this.#logger.error('the thread of the graphs failed: searches go on without them', { error: String(error) })
    this.#failure ??= error
    for (const { reject } of this.#waiting.values()) reject(this.#failure)
    this.#waiting.clear()
  }
}

interface Thread {
  readonly worker: Worker
  /** Resolves when it is gone. */
  readonly ended: Promise<void>
}

/** Vectors that are handed over are not copied once more; a query stays with its owner. */
const transferOf = (ask: GraphAsk<GraphOperation>): ArrayBuffer[] =>
  'vectors' in ask ? [ask.vectors.buffer as ArrayBuffer] : []
