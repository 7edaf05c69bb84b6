/**
 * Parts of a benchmark that need a process of their own: to be killed, or to have a memory that nothing else is in. A
 * child is this program again under a name of its own, and reports in messages.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'

export interface Child {
  /** The next thing that the child reports. Rejects when it ends instead. */
  report<Report>(): Promise<Report>
  /** Ends it without a chance to do anything; resolves when it is gone. */
  kill(): Promise<void>
  /** Resolves when it has ended by itself. Rejects when that was a failure. */
  ended(): Promise<void>
}

/** @param name what `main.ts` calls the part */
export const startChild = (name: string, args: readonly string[]): Child => {
  const [, program] = process.argv
  if (program === undefined) throw new Error('there is no program to start again')
  const child = fork(program, [name, ...args], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const exit = once(child, 'exit')
  const failure = (): Error => new Error(`${name} ended early with ${child.signalCode ?? child.exitCode}`)
  const reports: unknown[] = []
  let wake: () => void = () => undefined
  child.on('message', (message) => {
    reports.push(message)
    wake()
  })
  child.on('close', () => wake())
  return {
    async report<Report>() {
      while (reports.length === 0) {
        if (child.exitCode !== null || child.signalCode !== null) throw failure()
        await new Promise<void>((resolve) => (wake = resolve))
      }
      return reports.shift() as Report
    },
    async kill() {
      child.kill('SIGKILL')
      await exit
    },
    async ended() {
      await exit
      if (child.exitCode !== 0) throw failure()
    },
  }
}

/** For a child: tells the parent. */
export const report = async (message: object): Promise<void> =>
  new Promise((resolve, reject) => {
    if (process.send === undefined) throw new Error('this part is started by another')
    process.send(message, (error: Error | null) => {
      if (error === null) resolve()
      else reject(error)
    })
  })

/** For a child: waits to be killed. */
export const waitForTheEnd = async (): Promise<never> =>
  new Promise(() => {
    setInterval(() => undefined, 1_000)
  })
