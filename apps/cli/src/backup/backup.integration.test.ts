/** Backups of real clusters: taken while writes go on, restored into an empty one, and refused where they must be. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Waggle } from '@waggle/client'
import { pause, systemClock, systemTimers } from '@waggle/kernel'
import { startLocalCluster, type LocalCluster } from '@waggle/local-cluster'
import type { CheckpointTaken } from '@waggle/protocol'
import type { CollectiveHandle } from '@waggle/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedFolder, testFolder } from '../testing/store-folder.ts'
import { jsonLines } from '../testing/waggle-process.ts'
import { run } from '../testing/waggle-run.ts'
import type { BackupManifest } from './backup-manifest.ts'

const SHARDS = 2
const COLLECTIVES = ['a', 'b', 'c', 'd']

const folder = sharedFolder()
let source: LocalCluster
let target: LocalCluster
let backup: string
let taken: BackupManifest
let token: string

const start = async (name: string, shards = SHARDS): Promise<LocalCluster> =>
  startLocalCluster({
    ...{ folder: path.join(folder(), name), stateFolder: path.join(folder(), 'state') },
    ...{ shards, nodes: 2, environment: process.env },
  })

const waggle = async (cluster: LocalCluster, ...args: readonly string[]) =>
  run([...args, '--server', cluster.url], { environment: { stateFolder: path.join(folder(), 'state') } })

const json = async <Value>(cluster: LocalCluster, ...args: readonly string[]): Promise<readonly Value[]> => {
  const { code, stdout, stderr } = await waggle(cluster, ...args, '--json')
  expect([code, stderr]).toEqual([0, ''])
  return jsonLines(stdout) as readonly Value[]
}

const one = async <Value>(cluster: LocalCluster, ...args: readonly string[]): Promise<Value> =>
  (await json<Value>(cluster, ...args))[0] as Value

const contents = ({ states }: BackupManifest): readonly string[] => states.map(({ content }) => content)

/** Records of each collective, in their order. */
const recorded = async (cluster: LocalCluster, name: string): Promise<readonly string[]> => {
  const client = await Waggle.connect({ servers: cluster.url })
  try {
    const hive = await client.collective(name)
    return (await hive.list({ limit: 1_000 })).items.map(({ content }) => content)
  } finally {
    await client.close()
  }
}

/** What `ask` gives once it is as it should be. */
const until = async <Value>(ask: () => Promise<Value>, isRight: (value: Value) => boolean): Promise<Value> => {
  const endMs = systemClock.monotonicMs() + 60_000
  for (;;) {
    const value = await ask()
    if (isRight(value)) return value
    if (systemClock.monotonicMs() >= endMs) throw new Error(`it did not come to that: ${JSON.stringify(value)}`)
    await pause(systemTimers, 200)
  }
}

beforeAll(async () => {
  ;[source, target] = [await start('source'), await start('target')]
  const client = await Waggle.connect({ servers: source.url })
  const hives: CollectiveHandle[] = []
  for (const name of COLLECTIVES) hives.push(await client.createCollective({ name, dimension: 2 }))
  let written = 0
  let isDone = false
  const write = async (): Promise<void> => {
    while (!isDone || written < 200) {
      const hive = hives[written % hives.length] as CollectiveHandle
      const { token: newest } = await hive.record({ content: `${written}`, embedding: [1, written] })
      // Of the collective that is asked with it: another one may live in another shard.
      if (hive === hives[0]) token = newest
      await hive.keys.put([[`key ${written}`, `of ${written}`]])
      written += 1
    }
  }
  const writing = write()
  backup = path.join(folder(), 'backup')
  taken = await one<BackupManifest>(source, 'backup', 'create', backup)
  isDone = true
  await writing
  await client.close()
})

afterAll(async () => {
  await Promise.all([source.stop(), target.stop()])
})

describe('a backup of a cluster', () => {
  it('K3: has every shard at a verified record, and says so', async () => {
    expect(taken).toMatchObject({ source: 'cluster', shards: SHARDS })
    expect(taken.states.map(({ shard }) => shard)).toEqual([0, 1])
    expect(await one(source, 'backup', 'verify', backup)).toMatchObject({ verified: true, states: taken.states })
    expect((await waggle(source, 'backup', 'create', backup)).stderr).toContain('OUTPUT_FAILED')
  })

  it('P8 K4: restored into an empty cluster it has equal digests, on every replica, and takes writes', async () => {
    expect(await one(target, 'backup', 'restore', backup)).toMatchObject({ restored: true })
    // The second replica of a shard may come a moment after the first one leads.
    const verified = await until(
      async () => json<CheckpointTaken>(target, 'verify'),
      (items) => items.every(({ replicas }) => replicas.length === 2),
    )
    for (const { replicas, digest } of verified) for (const replica of replicas) expect(replica.digest).toBe(digest)
    const again = await one<BackupManifest>(target, 'backup', 'create', path.join(folder(), 'again'))
    expect(contents(again)).toEqual(contents(taken))
    for (const name of COLLECTIVES) {
      const [before, after] = [await recorded(source, name), await recorded(target, name)]
      // A prefix of what was acknowledged.
      expect(after).toEqual(before.slice(0, after.length))
    }
    const client = await Waggle.connect({ servers: target.url })
    const hive = await client.collective('a')
    await hive.record({ content: 'afterwards', embedding: [1, 1] })
    expect((await hive.search({ embedding: [1, 1], k: 1 })).results[0]?.experience.content).toBe('afterwards')
    await expect(hive.list({}, { token })).rejects.toMatchObject({ code: 'GENERATION_CHANGED' })
    await client.close()
  })

  it('K4: is restored once, and never over what somebody has written', async () => {
    expect(await one(target, 'backup', 'restore', backup)).toMatchObject({ restored: true })
    expect(await recorded(target, 'a')).toContain('afterwards')
    expect(await waggle(source, 'backup', 'restore', backup)).toMatchObject({
      ...{ code: 1, stderr: expect.stringContaining('RESTORE_REFUSED') as string },
    })
    expect((await recorded(source, 'a')).length).toBeGreaterThan(0)
    const inFolder = await run(['backup', 'restore', backup, '--path', path.join(testFolder(), 'store')])
    expect(inFolder.stderr).toContain('BACKUP_UNSUITABLE')
  })
})

describe('a damaged backup', () => {
  it('P10: is refused wherever a byte is another one, or is missing', async () => {
    const copy = path.join(folder(), 'damaged')
    cpSync(backup, copy, { recursive: true })
    const verify = async () => (await waggle(source, 'backup', 'verify', copy)).stderr
    expect(await verify()).toContain('verified')
    for (const file of ['manifest.json', 'shard-0.checkpoint', 'shard-1.checkpoint']) {
      const full = path.join(copy, file)
      const bytes = readFileSync(full)
      const step = Math.max(1, Math.floor(bytes.length / 23))
      for (let at = 0; at < bytes.length; at += step) {
        const damaged = Buffer.from(bytes)
        damaged[at] = (damaged[at] as number) ^ 0x08
        writeFileSync(full, damaged)
        expect([at, await verify()]).toEqual([at, expect.stringMatching(new RegExp(`BACKUP_(DAMAGED|UNSUITABLE).*`))])
      }
      for (const length of [0, 10, bytes.length - 1]) {
        writeFileSync(full, bytes.subarray(0, length))
        expect([length, await verify()]).toEqual([length, expect.stringContaining(`file=${file}`)])
      }
      writeFileSync(full, bytes)
    }
    expect(await verify()).toContain('verified')
  })
})

describe('folders of shard processes whose logs are lost', () => {
  it('K4: become a backup of the newest replica of each shard, and that a cluster', async () => {
    const folders = ['node-1', 'node-2'].map((name) => path.join(source.folder, name))
    const salvage = async () =>
      run(['backup', 'salvage', path.join(folder(), 'salvaged'), '--shards', '2', '--from', ...folders, '--json'])
    expect((await salvage()).stderr).toContain('DATABASE_LOCKED')
    const expected = await Promise.all(COLLECTIVES.map(async (name) => recorded(source, name)))
    await source.stop()
    const { code, stderr } = await salvage()
    expect([code, stderr]).toEqual([0, ''])
    const another = await start('another')
    try {
      expect(await one(another, 'backup', 'restore', path.join(folder(), 'salvaged'))).toMatchObject({ restored: true })
      expect(await Promise.all(COLLECTIVES.map(async (name) => recorded(another, name)))).toEqual(expected)
    } finally {
      await another.stop()
    }
  })
})
