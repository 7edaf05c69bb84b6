/** Hooks of Node's module loader, in a thread of their own: modules of production as a simulation wants them. */
import type { InitializeHook, LoadHook } from 'node:module'
import { rewritesOf } from '../mutants/rewriting-mutants.ts'
import { observed, rewritten, type Rewrite } from './rewrites.ts'

export interface HookData {
  readonly mutant: string | undefined
}

let rewrites: readonly Rewrite[] = []

export const initialize: InitializeHook<HookData> = ({ mutant }) => {
  rewrites = rewritesOf(mutant)
}

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context)
  if (!url.includes('/libs/') || loaded.source === undefined) return loaded
  const path = url.split('?')[0] ?? url
  const source = typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString()
  return { ...loaded, source: observed(path, rewritten(path, source, rewrites)) }
}
