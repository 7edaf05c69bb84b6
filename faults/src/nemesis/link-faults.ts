/** Ways that are cut, held in one direction or both, and slow. */
import type { LinkDisturbance } from '@waggle/local-cluster'
import type { FaultContext, FaultKind } from './fault-kind.ts'
import { nothing } from './process-faults.ts'

const HELD = { kind: 'held' } as const

const disturbances = {
  cut: { isCut: true },
  held: { forth: HELD, back: HELD },
  mute: { forth: HELD },
  deaf: { back: HELD },
  slow: { forth: { delayMs: 100 }, back: { delayMs: 100 } },
} as const satisfies Readonly<Record<string, LinkDisturbance>>

type Disturbance = keyof typeof disturbances

/** The two ends, or nobody. */
type Choose = (context: FaultContext) => Promise<readonly [string, string] | undefined>

const disturbed =
  (choose: Choose, which: Disturbance): FaultKind['begin'] =>
  async (context) => {
    const { links } = context.surroundings.cluster
    const ends = await choose(context)
    if (links === undefined || ends === undefined) return nothing
    const [one, other] = ends
    links.disturb(one, other, disturbances[which])
    return { target: `${one} ${other}`, heal: async () => links.disturb(one, other, {}) }
  }

const leader: Choose = async ({ surroundings }) => {
  const child = await surroundings.leader()
  return child && [child.name, '*']
}

const router: Choose = async ({ surroundings, chance }) => {
  const child = chance.pick(surroundings.of('router'))
  return child && [child.name, '*']
}

/** From everybody: of the servers, the minority. */
const server: Choose = async ({ surroundings, chance }) => {
  const child = chance.pick(surroundings.of('nats'))
  return child && [child.name, '*']
}

const route: Choose = async ({ surroundings, chance }) => {
  const [one, other] = chance.shuffled(surroundings.of('nats'))
  return one && other && [one.name, other.name]
}

export const linkFaults: readonly FaultKind[] = [
  { name: 'cut-leader', holdMs: [4_000, 8_000], isShort: true, begin: disturbed(leader, 'cut') },
  { name: 'hold-leader', holdMs: [4_000, 8_000], begin: disturbed(leader, 'held') },
  { name: 'mute-leader', holdMs: [4_000, 8_000], isShort: true, begin: disturbed(leader, 'mute') },
  { name: 'deaf-leader', holdMs: [4_000, 8_000], begin: disturbed(leader, 'deaf') },
  { name: 'slow-leader', holdMs: [4_000, 6_000], begin: disturbed(leader, 'slow') },
  { name: 'hold-router', holdMs: [3_000, 6_000], begin: disturbed(router, 'held') },
  { name: 'cut-server', holdMs: [6_000, 10_000], isReplicated: true, begin: disturbed(server, 'cut') },
  { name: 'hold-server', holdMs: [6_000, 10_000], isReplicated: true, begin: disturbed(server, 'held') },
  { name: 'cut-route', holdMs: [3_000, 6_000], isReplicated: true, begin: disturbed(route, 'cut') },
  { name: 'mute-route', holdMs: [3_000, 6_000], isReplicated: true, begin: disturbed(route, 'mute') },
  { name: 'slow-routes', holdMs: [4_000, 6_000], isReplicated: true, begin: disturbed(route, 'slow') },
]
