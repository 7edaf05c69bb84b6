/**
 * Which faults a seed has, and how often: drawn, so that each seed is bad in its own way. With all faults at once none
 * gets far; with a few, one can do its worst.
 */
import { goodDisk, type DiskRates } from '../disk/simulated-store.ts'
import { goodNetwork, type NetworkRates } from '../network/network.ts'
import { goodServers, type ServerRates } from '../servers/jetstream-servers.ts'
import type { Dice } from '../world/dice.ts'

/** What the nemesis does, one at a time or several together. */
export const actions = [
  ...['partition', 'asymmetricPartition', 'isolatedServer', 'kill', 'powerCut', 'freeze', 'drain', 'lostFolder'],
  ...[
    'compactorKill',
    'routerKill',
    'clockJump',
    'streamElection',
    'fullStream',
    'holeInCopy',
    'hiddenRecord',
    'failedSync',
  ],
] as const
export type Action = (typeof actions)[number]

export interface FaultPlan {
  readonly network: NetworkRates
  readonly servers: ServerRates
  readonly disk: DiskRates
  /** How often each is picked, relative to the others; 0: never in this seed. */
  readonly weights: Readonly<Record<Action, number>>
  /** Milliseconds between two actions, on average. */
  readonly gapMs: number
  /** Of wall clocks, milliseconds. */
  readonly skewMs: number
  readonly shelfFailureRate: number
}

export const drawPlan = (dice: Dice): FaultPlan => {
  const maybe = (probability: number, low: number, high: number): number =>
    dice.chance(probability) ? dice.between(low, high) : 0
  const weights = Object.fromEntries(actions.map((action) => [action, maybe(0.45, 0.2, 1)]))
  return {
    network: {
      ...{ ...goodNetwork, hopMs: dice.between(0.1, 2) },
      ...{ slowRate: maybe(0.5, 0, 0.05), slowMs: dice.between(20, 1_500) },
      ...{ lossRate: maybe(0.4, 0, 0.03), duplicateRate: maybe(0.4, 0, 0.03), reorderRate: maybe(0.4, 0, 0.05) },
    },
    servers: {
      ...{ ...goodServers, lostAckRate: maybe(0.4, 0, 0.05), spuriousRefusalRate: maybe(0.4, 0, 0.05) },
      ...{ latePublishRate: maybe(0.4, 0, 0.04), lateMsMax: dice.between(500, 6_000) },
    },
    disk: {
      ...{ ...goodDisk, writeMs: dice.between(0.02, 1), syncMs: dice.between(0.5, 20) },
      ...{ lostMiddleRate: maybe(0.3, 0, 0.5), slowRate: maybe(0.3, 0, 0.02) },
    },
    weights: weights as Record<Action, number>,
    gapMs: dice.between(600, 4_000),
    skewMs: maybe(0.5, 0, 3_000),
    shelfFailureRate: maybe(0.3, 0, 0.3),
  }
}
