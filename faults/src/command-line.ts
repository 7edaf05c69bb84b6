/** What `npm run faults` is asked for. */
import { parseArgs } from 'node:util'
import { forms, type Form } from './form.ts'

export interface Wanted {
  readonly form: Form
  readonly seed: number
  readonly folder?: string
  /** A history to judge again, instead of a run. */
  readonly history?: string
}

const SEED_MAX = 2 ** 32

/** @throws Error for what cannot be meant */
export const wanted = (args: readonly string[], anySeed: () => number): Wanted => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      short: { type: 'boolean', default: false },
      'self-test': { type: 'boolean', default: false },
      rollout: { type: 'boolean', default: false },
      seed: { type: 'string' },
      seconds: { type: 'string' },
      only: { type: 'string' },
      folder: { type: 'string' },
      judge: { type: 'string' },
    },
  })
  const name = (['self-test', 'rollout', 'short'] as const).find((form) => values[form]) ?? 'full'
  const form = narrowed(forms[name], values.only)
  return {
    seed: values.seed === undefined ? anySeed() % SEED_MAX : numberOf('seed', values.seed),
    form: values.seconds === undefined ? form : { ...form, durationMs: numberOf('seconds', values.seconds) * 1_000 },
    ...(values.folder === undefined ? {} : { folder: values.folder }),
    ...(values.judge === undefined ? {} : { history: values.judge }),
  }
}

/** @param only names of kinds of faults, with commas between */
const narrowed = (form: Form, only: string | undefined): Form => {
  if (only === undefined) return form
  const names = only.split(',')
  const known = forms.full.kinds
  const unknown = names.filter((name) => known.every((kind) => kind.name !== name))
  if (unknown.length > 0)
    throw new Error(`--only knows no ${unknown.join(', ')}: ${known.map((kind) => kind.name).join(', ')}`)
  return { ...form, kinds: known.filter((kind) => names.includes(kind.name)) }
}

const numberOf = (name: string, text: string): number => {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number >= SEED_MAX) throw new Error(`--${name} takes a whole number below ${SEED_MAX}`)
  return number
}
