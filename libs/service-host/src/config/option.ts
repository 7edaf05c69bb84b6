/**
 * An option of a service, and the kinds of options that there are. A kind says how a value is read from a text, as
 * variables and flags have it, or from a value of a configuration file, and what it may be.
 *
 * What is wrong with a value is said by throwing a fault; its message is for the operator who gave the value.
 */
import { invalidField, requiredField } from '@waggle/protocol'

export interface Option<Value> {
  /** What it is for: one sentence without the full stop. */
  readonly about: string
  /** What a value may be, such as `1..128` or `debug|info`. */
  readonly range: string
  /** Of a number: `ms`, `bytes`. */
  readonly unit?: string
  /** What counts where nothing is given; absent for an option that must be given, or that may be absent. */
  readonly default?: Value
  readonly isRequired?: boolean
  /** Never shown, never a flag (every user of a machine sees those), and readable from a file of its own. */
  readonly isSecret?: boolean
  /** The variable, where it is not the one that follows from the path: `LOG_LEVEL`. */
  readonly variable?: string
  /** Path of the option without which this one says nothing, so that both must be given. */
  readonly needs?: string
  /** What has to stand in the file that the value names. */
  readonly file?: TextShape
  /** @throws Fault `INVALID_FIELD` that names `name` */
  read(given: unknown, name: string): Value
}

/** What all kinds of options have in common. */
interface Description<Value> {
  readonly about: string
  readonly unit?: string
  readonly default?: Value
  readonly variable?: string
  readonly needs?: string
}

/** An option with this is never absent. */
export type Given<Value> = Option<Value> & ({ readonly default: Value } | { readonly isRequired: true })

type Presence<Value> = { readonly default: Value } | { readonly isRequired: true } | { readonly default?: never }

/** An option whose type says whether it can be absent. */
type Kind<Value, Chosen> = Chosen extends { readonly default: Value } | { readonly isRequired: true }
  ? Given<Value>
  : Option<Value>

const optionOf = <Value, Chosen extends Description<Value>>(
  chosen: Chosen & Presence<Value>,
  range: string,
  read: (given: unknown) => Value | undefined,
): Kind<Value, Chosen> =>
  ({
    ...chosen,
    range,
    read(given: unknown, name: string): Value {
      const value = read(given)
      if (value === undefined) throw invalidField(name, chosen.unit === undefined ? range : `${range} ${chosen.unit}`)
      return value
    },
  }) as unknown as Kind<Value, Chosen>

export interface TextShape {
  readonly pattern: RegExp
  /** What the pattern means. */
  readonly range: string
}

const ANY_TEXT: TextShape = { pattern: /^[^\0]+$/, range: 'text' }

export const textOption = <const Chosen extends Description<string> & { readonly isSecret?: boolean }>(
  chosen: Chosen & Presence<string>,
  { pattern, range }: TextShape = ANY_TEXT,
): Kind<string, Chosen> =>
  optionOf<string, Chosen>(chosen, range, (given) =>
    typeof given === 'string' && pattern.test(given) ? given : undefined,
  )

/** A file that the process reads when it starts, and may read again: what it holds is checked at the start. */
export const fileOption = <const Chosen extends Description<string>>(
  chosen: Chosen & Presence<string>,
  file: TextShape,
): Kind<string, Chosen> =>
  textOption<Chosen & { file: TextShape }>({ ...chosen, file }, { ...ANY_TEXT, range: file.range })

export const integerOption = <const Chosen extends Description<number>>({
  min,
  max,
  ...chosen
}: Chosen & Presence<number> & { readonly min: number; readonly max: number }): Kind<number, Chosen> =>
  optionOf<number, Chosen>(chosen as unknown as Chosen & Presence<number>, `${min}..${max}`, (given) => {
    const value = typeof given === 'string' && /^[0-9]{1,15}$/.test(given) ? Number(given) : given
    return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined
  })

/** One of some texts or numbers. */
export const choiceOption = <const Value extends string | number, const Chosen extends Description<Value>>({
  values,
  ...chosen
}: Chosen & Presence<Value> & { readonly values: readonly Value[] }): Kind<Value, Chosen> =>
  optionOf<Value, Chosen>(chosen as unknown as Chosen & Presence<Value>, values.join('|'), (given) =>
    values.find((value) => value === given || String(value) === given),
  )

/** `1` or `true`, `0` or `false`. */
export const switchOption = (chosen: Description<boolean> & { readonly default: boolean }): Given<boolean> =>
  optionOf<boolean, Description<boolean> & { readonly default: boolean }>(chosen, 'true|false', (given) => {
    if (given === true || given === '1' || given === 'true') return true
    return given === false || given === '0' || given === 'false' ? false : undefined
  })

/** Texts: between commas in a variable or flag, a list or such a text in a file. At least one. */
export const listOption = <const Chosen extends Description<readonly string[]>>(
  chosen: Chosen & Presence<readonly string[]>,
  { pattern, range }: TextShape = ANY_TEXT,
): Kind<readonly string[], Chosen> =>
  optionOf<readonly string[], Chosen>(chosen, `${range}, one or more`, (given) => {
    const items: unknown = typeof given === 'string' ? given.split(',').flatMap((item) => item.trim() || []) : given
    if (!Array.isArray(items) || items.length === 0) return undefined
    return items.every((item): item is string => typeof item === 'string' && pattern.test(item)) ? items : undefined
  })

/**
 * A value with a shape of its own: JSON in a variable or flag, the value itself in a file.
 * @param decode throws a fault that says what is wrong with it, which becomes the reason
 */
export const structuredOption = <Value, const Chosen extends Description<Value>>(
  chosen: Chosen & Presence<Value> & { readonly range: string },
  decode: (given: unknown) => Value,
): Kind<Value, Chosen> =>
  ({
    ...chosen,
    read(given: unknown, name: string): Value {
      try {
        return decode(typeof given === 'string' ? JSON.parse(given) : given)
      } catch (cause) {
        throw invalidField(name, chosen.range, { reason: cause instanceof Error ? cause.message : String(cause) })
      }
    },
  }) as unknown as Kind<Value, Chosen>

/** @throws Fault `REQUIRED_FIELD` where an option that must be given is not */
export const readAbsent = <Value>(option: Option<Value>, name: string): Value | undefined => {
  if (option.isRequired === true) throw requiredField(name)
  return option.default
}
