/**
 * Reads the environment that a process was started with. What it refuses names the variable and what it may be; an
 * empty variable counts as absent.
 */
import { invalidField, requiredField } from '@waggle/protocol'

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>

export interface TextRange {
  readonly default?: string
  readonly pattern?: RegExp
  /** What the fault says that the pattern means. */
  readonly expected?: string
}

export interface IntegerRange {
  readonly min: number
  readonly max: number
  readonly default?: number
}

export interface Credentials {
  readonly user: string
  readonly password: string
}

export class Environment {
  readonly #variables: EnvironmentVariables

  constructor(variables: EnvironmentVariables) {
    this.#variables = variables
  }

  /** @throws Fault `REQUIRED_FIELD` where it is absent and has no default, `INVALID_FIELD` */
  text(name: string, { default: otherwise, pattern, expected = String(pattern) }: TextRange = {}): string {
    const value = this.optionalText(name) ?? otherwise
    if (value === undefined) throw requiredField(name)
    if (pattern !== undefined && !pattern.test(value)) throw invalidField(name, expected)
    return value
  }

  optionalText(name: string): string | undefined {
    const value = this.#variables[name]
    return value === undefined || value === '' ? undefined : value
  }

  /** @throws Fault `REQUIRED_FIELD` where it is absent and has no default, `INVALID_FIELD` */
  integer(name: string, { min, max, default: otherwise }: IntegerRange): number {
    const text = this.optionalText(name)
    if (text === undefined && otherwise !== undefined) return otherwise
    if (text === undefined) throw requiredField(name)
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : NaN
    if (!(value >= min && value <= max)) throw invalidField(name, `integer ${min}..${max}`, { min, max })
    return value
  }

  /** Name of a process: one token of a subject. @throws Fault `REQUIRED_FIELD`, `INVALID_FIELD` */
  nodeName(name: string): string {
    return this.text(name, { pattern: /^[A-Za-z0-9_-]{1,64}$/, expected: '1..64 of A-Z a-z 0-9 _ -' })
  }

  /**
   * A user and its password, or `undefined` where both are absent.
   * @throws Fault `REQUIRED_FIELD` for the one that is missing
   */
  credentials(userName: string, passwordName: string): Credentials | undefined {
    const [user, password] = [this.optionalText(userName), this.optionalText(passwordName)]
    if (user === undefined && password === undefined) return undefined
    if (user === undefined) throw requiredField(userName)
    if (password === undefined) throw requiredField(passwordName)
    return { user, password }
  }

  /** Texts between commas, at least one. @throws Fault `REQUIRED_FIELD` */
  list(name: string): readonly string[] {
    const values = (this.optionalText(name) ?? '').split(',').flatMap((value) => value.trim() || [])
    if (values.length === 0) throw requiredField(name)
    return values
  }

  /** @throws Fault `REQUIRED_FIELD` where it is absent and has no default, `INVALID_FIELD` */
  oneOf<const Value extends string>(name: string, values: readonly Value[], otherwise?: Value): Value {
    const text = this.text(name, otherwise === undefined ? {} : { default: otherwise })
    const value = values.find((candidate) => candidate === text)
    if (value === undefined) throw invalidField(name, values.join('|'))
    return value
  }

  /** A value in JSON, or `undefined` where it is absent. @throws Fault `INVALID_FIELD` */
  json(name: string): unknown {
    const text = this.optionalText(name)
    if (text === undefined) return undefined
    try {
      return JSON.parse(text) as unknown
    } catch (cause) {
      throw invalidField(name, 'JSON', { cause: String(cause) })
    }
  }

  /** `1` is yes; absent and `0` are no. @throws Fault `INVALID_FIELD` */
  flag(name: string): boolean {
    return this.oneOf(name, ['0', '1'], '0') === '1'
  }
}
