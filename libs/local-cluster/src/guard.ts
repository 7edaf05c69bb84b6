/**
 * The process that outlives this one, to end its children (`bin/guard.mjs`).
 *
 * Y1  It is told of a child as soon as there is one, and it is started again when it dies itself: at no time does a
 *     child live without it for longer than that takes.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Logger } from '@waggle/kernel'
import { identityOf, isAlive, type ProcessIdentity } from './process-identity.ts'
import type { Role } from './supervised-child.ts'

const SCRIPT = fileURLToPath(new URL('../bin/guard.mjs', import.meta.url))

export interface GuardedProcess extends ProcessIdentity {
  readonly role: Role
}

export class Guard {
  readonly #configFiles: readonly string[]
  readonly #logger: Logger
  #children: readonly GuardedProcess[] = []
  #process: ChildProcess
  #isOver = false

  private constructor(configFiles: readonly string[], logger: Logger) {
    this.#configFiles = configFiles
    this.#logger = logger
    this.#process = this.#spawn()
  }

  /** @param configFiles of the nats-servers: by them a server is known whose pid could not be told any more */
  static async start(configFiles: readonly string[], logger: Logger): Promise<Guard> {
    const guard = new Guard(configFiles, logger)
    await once(guard.#process, 'spawn')
    return guard
  }

  get identity(): ProcessIdentity {
    return identityOf(this.#process.pid ?? -1)
  }

  tell(child: GuardedProcess): void {
    this.#children = [...this.#children.filter(isAlive), child]
    this.#write(child)
  }

  /** When nothing is left to guard. Resolves when it has gone. */
  async end(): Promise<void> {
    this.#isOver = true
    const { exitCode, signalCode } = this.#process
    if (exitCode !== null || signalCode !== null) return
    const gone = once(this.#process, 'exit')
    this.#write({ over: true })
    this.#process.stdin?.end()
    // One that was halted reads nothing.
    this.#process.kill('SIGCONT')
    await gone
  }

  #spawn(): ChildProcess {
    const child = spawn(process.execPath, [SCRIPT, ...this.#configFiles], {
      env: {},
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    })
    child.stdin.on('error', () => undefined)
    child.once('error', (error) => {
      this.#logger.error('the guard of the cluster cannot be started', { reason: error.message })
    })
    child.once('exit', () => {
      if (this.#isOver) return
      // Y1
      this.#logger.warn('the guard of the cluster ended; it is started again')
      this.#process = this.#spawn()
      for (const guarded of this.#children) this.#write(guarded)
    })
    return child
  }

  #write(message: unknown): void {
    this.#process.stdin?.write(`${JSON.stringify(message)}\n`)
  }
}
