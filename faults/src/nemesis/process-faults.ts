/** Processes that are killed, frozen and told to stop. */
import type { ClusterProcess } from '@waggle/local-cluster'
import type { Begun, FaultContext, FaultKind } from './fault-kind.ts'

type Choose = (context: FaultContext) => Promise<ClusterProcess | undefined> | ClusterProcess | undefined

const leader: Choose = ({ surroundings }) => surroundings.leader()
const streamLeader: Choose = ({ surroundings }) => surroundings.streamLeader()
const any =
  (role: ClusterProcess['role']): Choose =>
  ({ surroundings, chance }) =>
    chance.pick(surroundings.of(role).filter(({ pid }) => pid !== undefined))

export const nothing: Begun = { target: 'nobody', heal: async () => undefined }

/** Nothing happens where it has ended meanwhile. */
const send = (pid: number | undefined, signal: NodeJS.Signals): void => {
  try {
    if (pid !== undefined) process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Sent once: whoever supervises it starts it again. */
const signalled =
  (choose: Choose, signal: NodeJS.Signals): FaultKind['begin'] =>
  async (context) => {
    const child = await choose(context)
    send(child?.pid, signal)
    return child === undefined ? nothing : { ...nothing, target: child.name }
  }

const heldDown =
  (choose: Choose): FaultKind['begin'] =>
  async (context) => {
    const child = await choose(context)
    await child?.holdDown()
    return child === undefined ? nothing : { target: child.name, heal: () => child.letGo() }
  }

const frozen =
  (choose: Choose): FaultKind['begin'] =>
  async (context) => {
    const child = await choose(context)
    const pid = child?.pid
    send(pid, 'SIGSTOP')
    return child === undefined ? nothing : { target: child.name, heal: async () => send(pid, 'SIGCONT') }
  }

/** P1: any process, in any number, at any moment. */
const storm: FaultKind['begin'] = async ({ surroundings, chance }) => {
  const struck = surroundings.cluster.processes().filter(() => chance.fraction() < 0.8)
  for (const { pid } of struck) send(pid, 'SIGKILL')
  return { ...nothing, target: struck.map(({ name }) => name).join(' ') }
}

export const processFaults: readonly FaultKind[] = [
  { name: 'kill-leader', holdMs: [3_000, 5_000], isShort: true, begin: signalled(leader, 'SIGKILL') },
  { name: 'freeze-leader', holdMs: [4_000, 8_000], isShort: true, begin: frozen(leader) },
  // Longer than a lease lasts: what it wakes up to is another leader's.
  { name: 'freeze-leader-long', holdMs: [17_000, 19_000], begin: frozen(leader) },
  { name: 'node-down', holdMs: [4_000, 8_000], begin: heldDown(any('shard')) },
  { name: 'drain-leader', holdMs: [3_000, 5_000], isShort: true, begin: signalled(leader, 'SIGTERM') },
  { name: 'kill-router', holdMs: [2_000, 4_000], isShort: true, begin: signalled(any('router'), 'SIGKILL') },
  { name: 'freeze-router', holdMs: [3_000, 6_000], begin: frozen(any('router')) },
  { name: 'kill-compactor', holdMs: [2_000, 3_000], begin: signalled(any('compactor'), 'SIGKILL') },
  { name: 'freeze-compactor', holdMs: [3_000, 6_000], begin: frozen(any('compactor')) },
  { name: 'kill-server', holdMs: [3_000, 5_000], isShort: true, begin: signalled(any('nats'), 'SIGKILL') },
  { name: 'freeze-server', holdMs: [3_000, 6_000], begin: frozen(any('nats')) },
  { name: 'kill-stream-leader', holdMs: [8_000, 12_000], isReplicated: true, begin: heldDown(streamLeader) },
  { name: 'freeze-stream-leader', holdMs: [8_000, 12_000], isReplicated: true, begin: frozen(streamLeader) },
  { name: 'storm', holdMs: [6_000, 8_000], begin: storm },
]
