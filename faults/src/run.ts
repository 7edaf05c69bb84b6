/**
 * One run: a cluster, a fleet that works, a nemesis that breaks things, and when all is healed the log, everything that
 * can be read, and the digests of all replicas.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startLocalCluster, type LocalCluster } from '@waggle/local-cluster'
import { Chance } from './chance.ts'
import { verifyCluster, verifyFolders } from './digests.ts'
import type { Form } from './form.ts'
import type { Entry } from './history/entry.ts'
import { Recorder } from './history/recorder.ts'
import { keepCopies } from './nemesis/folder-faults.ts'
import { disturb } from './nemesis/nemesis.ts'
import { ONLOOKER, Surroundings } from './nemesis/surroundings.ts'
import { Fleet } from './workload/fleet.ts'

export interface RunOptions {
  readonly form: Form
  readonly seed: number
  /** Where the history and, if something is wrong, the cluster's folder stay; made where it is absent. */
  readonly folder?: string
  readonly tell: (line: string) => void
}

export interface Run {
  readonly history: readonly Entry[]
  readonly historyFile: string
  /** Why it came to no end: writes that were not acknowledged any more. */
  readonly stuck: string | undefined
  /** Removes what the run left on the disk. */
  dispose(): Promise<void>
}

/** After a fault has ended: the election of a nats-server takes up to 11 s, a lease 15 s, and machines are slow. */
const SETTLED_MS_MAX = 90_000
const everything = { publish: { allow: ['>'] }, subscribe: { allow: ['>'] } }

export const run = async ({ form, seed, folder, tell }: RunOptions): Promise<Run> => {
  const place = folder ?? (await mkdtemp(path.join(tmpdir(), 'waggle-faults-')))
  const { servers, nodes, routers, compactors, shards } = form
  const cluster = await startLocalCluster({
    ...{ folder: path.join(place, 'cluster'), servers, nodes, routers, compactors, shards },
    ...{ hasLinks: true, environment: process.env, users: [{ ...ONLOOKER, permissions: everything }] },
  })
  const historyFile = path.join(place, `history-${seed}.jsonl`)
  const recorder = new Recorder(historyFile)
  try {
    const stuck = await disturbed(cluster, recorder, { form, seed, tell, spare: path.join(place, 'spare') })
    await cluster.stop()
    tell(`digests of the folders: ${await verifyFolders(cluster.folder, recorder)}`)
    await recorder.close()
    const dispose = (): Promise<void> => rm(place, { recursive: true, force: true, maxRetries: 5 })
    return { history: recorder.entries, historyFile, stuck, dispose }
  } finally {
    await cluster.stop()
  }
}

interface Breaking extends Pick<RunOptions, 'form' | 'seed' | 'tell'> {
  readonly spare: string
}

/** @returns why it came to no end, where it did not */
const disturbed = async (
  cluster: LocalCluster,
  recorder: Recorder,
  { form, seed, tell, spare }: Breaking,
): Promise<string | undefined> => {
  const chance = new Chance(seed)
  const surroundings = await Surroundings.open(cluster)
  const fleet = await Fleet.open({ url: cluster.url, form, recorder, chance: chance.fork('fleet') })
  try {
    const context = { surroundings, spare, chance: chance.fork('nemesis') }
    const settled = (): Promise<void> => fleet.settled(SETTLED_MS_MAX)
    await fleet.work()
    await settled()
    if (form.kinds.some(({ name }) => name.startsWith('older'))) await keepCopies(context, settled)
    await disturb({
      ...{ ...context, kinds: form.kinds, recorder, durationMs: form.durationMs, tell },
      settled,
    })
    await fleet.rest()
    await fleet.conclude()
    tell(`digests by the cluster: ${await verifyCluster(surroundings, recorder)}`)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    await fleet.close()
    await surroundings.close()
  }
}
