/** Reads of pages. */
import type { Queries } from '../query/querier.ts'

const notBuilt = (): never => {
  throw new Error('not built')
}

export const pageQueries: Pick<Queries, 'pages.read' | 'pages.load' | 'pages.scan' | 'pages.status'> = {
  'pages.read': notBuilt,
  'pages.load': notBuilt,
  'pages.scan': notBuilt,
  'pages.status': notBuilt,
}
