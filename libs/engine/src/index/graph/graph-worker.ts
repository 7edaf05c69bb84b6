/** The thread that keeps the graphs of a process: `graph-host.ts` starts it, and ends it by a message alone. */
import { present, systemTimers } from '@waggle/kernel'
import { parentPort, workerData } from 'node:worker_threads'
import { GraphKeeper } from './graph-keeper.ts'
import type { GraphMessage, GraphReply } from './graph-request.ts'
import { NativeGate } from './native-gate.ts'

const port = present(parentPort, 'port of the thread that started this one')
const gate = new NativeGate(workerData as SharedArrayBuffer)
const keeper = new GraphKeeper({ gate, yield: () => systemTimers.yield() })

const answer = async ({ number, name, ask }: Exclude<GraphMessage, 'stop'>): Promise<GraphReply> => {
  try {
    return { number, answer: await keeper.ask(name, ask) }
  } catch (error) {
    return { number, error: String(error) }
  }
}

port.on('message', (message: GraphMessage) => {
  if (message === 'stop') void keeper.stop().then(() => port.close())
  else void answer(message).then((reply) => port.postMessage(reply))
})
