import { once } from 'node:events'
import { createServer } from 'node:net'
import { localClusterFault } from './errors.ts'

const LOOPBACK = '127.0.0.1'

/** @throws Fault `PORT_TAKEN`, instead of what a server writes into its log when it cannot have the port */
export const refuseTakenPort = async (port: number): Promise<void> => {
  if (port === 0) return
  const probe = createServer()
  try {
    probe.listen({ port, host: LOOPBACK, exclusive: true })
    await once(probe, 'listening')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === 'EADDRINUSE' ? 'another process listens there' : message
    throw localClusterFault('PORT_TAKEN', `the port cannot be had port=${port}: ${reason}`, { port }, { cause: error })
  } finally {
    probe.close()
  }
}
