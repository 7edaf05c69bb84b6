/** What can be done to the folder of a shard process that is down. */
import { cp, mkdir, open, readdir, rm, stat, truncate } from 'node:fs/promises'
import path from 'node:path'
import type { Chance } from '../chance.ts'

/** Its lock and its name stay with the process that comes back: everything else goes. */
export const emptyFolder = async (folder: string): Promise<void> => {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  await mkdir(folder, { recursive: true })
}

export const copyFolder = async (from: string, to: string): Promise<void> => {
  await rm(to, { recursive: true, force: true, maxRetries: 5 })
  await cp(from, to, { recursive: true })
}

/** Damages one file of each state: a bit is flipped, or the end is missing. @returns what was done */
export const damageStates = async (folder: string, chance: Chance): Promise<readonly string[]> => {
  const done: string[] = []
  for (const shard of (await readdir(folder)).filter((name) => name.startsWith('shard-'))) {
    const state = path.join(folder, shard, 'state')
    const names = (await readdir(state).catch(() => [])).filter((name) => /\.(ldb|log)$|^MANIFEST/.test(name)).sort()
    const name = chance.pick(names)
    if (name === undefined) continue
    const file = path.join(state, name)
    const { size } = await stat(file)
    if (size === 0) continue
    const isFlip = chance.fraction() < 0.5
    const place = chance.below(size)
    if (isFlip) await flip(file, place)
    else await truncate(file, place)
    done.push(`${shard}/${name} ${isFlip ? 'flipped' : 'cut'} at ${place} of ${size}`)
  }
  return done
}

const flip = async (file: string, place: number): Promise<void> => {
  const handle = await open(file, 'r+')
  try {
    const byte = Buffer.alloc(1)
    await handle.read(byte, 0, 1, place)
    byte[0] = (byte[0] ?? 0) ^ 0x10
    await handle.write(byte, 0, 1, place)
  } finally {
    await handle.close()
  }
}
