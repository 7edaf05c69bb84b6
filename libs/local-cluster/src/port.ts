import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
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

/** Ports that were free a moment ago: servers must know one another's before the first of them starts. */
export const freePorts = async (count: number): Promise<readonly number[]> => {
  const probes = Array.from({ length: count }, () => createServer())
  const ports: number[] = []
  for (const probe of probes) {
    probe.listen({ port: 0, host: LOOPBACK })
    await once(probe, 'listening')
    ports.push((probe.address() as AddressInfo).port)
  }
  for (const probe of probes) probe.close()
  return ports
}
