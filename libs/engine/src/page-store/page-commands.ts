/** Decisions about pages. */
import type { Deciders } from '../command/decider.ts'

const notBuilt = (): never => {
  throw new Error('not built')
}

export const pageDeciders: Pick<
  Deciders,
  'pages.allocate' | 'pages.write' | 'pages.store' | 'pages.update' | 'pages.delete' | 'pages.checkpoint'
> = {
  'pages.allocate': notBuilt,
  'pages.write': notBuilt,
  'pages.store': notBuilt,
  'pages.update': notBuilt,
  'pages.delete': notBuilt,
  'pages.checkpoint': notBuilt,
}
