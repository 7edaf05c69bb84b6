/**
 * A reduction that rows are given to, one after the other.
 *
 * D1  A row takes part whole or not at all: one that cannot be read, or whose values an expression cannot compute with,
 *     adds to no result and makes no group, and is counted by its reason.
 * D2  What a request does not read is not looked at: without fields of values these need not be rows.
 * D3  Groups, and what is kept of texts, are bounded (P11).
 */
import {
  columnsOf,
  fault,
  limits,
  reducedValue,
  requiredField,
  type FieldKind,
  type Predicate,
  type ReducedValue,
  type ReduceParams,
  type Reduction,
  type Scalar,
  type SkipReason,
} from '@waggle/protocol'
import { ReplyRoom } from '../../query/reply-room.ts'
import { compileReducer, sizeOf, type Accumulator, type CompiledReducer } from './accumulators.ts'
import { SKIPPED, Skipped, type Needs, type ReducedRow } from './cells.ts'
import { compileExpression, type Compiled } from './expressions.ts'
import { canonical, groupKey, groupName } from './group-key.ts'
import { compilePredicate, type Passes } from './predicates.ts'

interface Group {
  /** Sorts as the values do. */
  readonly key: string
  readonly values: readonly (Scalar | null)[]
  readonly results: readonly Accumulator[]
}

/** The one group of a reduction without groups. */
const ALL = ''

/** What a value takes on the wire beside its text. */
const VALUE_BYTES = 16
/** Maps and lists of a group beside those of its values. */
const GROUP_CONTAINERS = 3

/** A row, an expression and a byte in steps of a nanosecond, roughly, as measured; see `Turns`. */
const ROW_STEPS = 1_500
const NODE_STEPS = 100

export class RangeReduction {
  readonly #needs: Needs = { columns: 0, nodes: 0, texts: 0 }
  readonly #passes: Passes | undefined
  readonly #groupBy: readonly Compiled[]
  readonly #kinds: readonly FieldKind[]
  readonly #reducers: readonly CompiledReducer[]
  readonly #groups = new Map<string, Group>()
  readonly #groupsMax: number
  readonly #room = new ReplyRoom()
  readonly #skipped: { [Reason in SkipReason]?: number } = {}
  readonly #row: ReducedRow = { key: NO_BYTES, value: NO_BYTES, view: new DataView(NO_BYTES.buffer), columns: [] }
  readonly #cells: (Scalar | null)[] = []
  #rows = 0

  /** @throws Fault of kind `invalid` that names the field */
  constructor({ reducers, groupBy, filter }: ReduceParams) {
    if (reducers.length === 0 && groupBy.length === 0) throw requiredField('reducers')
    this.#passes = filter === undefined ? undefined : compiledFilter(filter, this.#needs)
    this.#groupBy = groupBy.map((expression, index) => compileExpression(expression, `groupBy[${index}]`, this.#needs))
    this.#kinds = this.#groupBy.map(({ kind }) => kind)
    this.#reducers = reducers.map((reducer, index) => compileReducer(reducer, `reducers[${index}]`, this.#needs))
    const containers = GROUP_CONTAINERS + groupBy.length + reducers.length
    this.#groupsMax = Math.min(limits.REDUCE_GROUPS_MAX, Math.floor(limits.REDUCE_CONTAINERS_MAX / containers))
    if (groupBy.length === 0) this.#begin(ALL, [])
  }

  /** D2: whether rows have to be given with their values. */
  get readsValues(): boolean {
    return this.#needs.columns > 0
  }

  /**
   * @returns the steps that it took
   * @throws Fault `TOO_MANY_ITEMS`, `RESULT_TOO_LARGE` (D3)
   */
  add(key: Uint8Array, value: Uint8Array): number {
    this.#rows += 1
    const { nodes, texts } = this.#needs
    const reason = this.#take(key, value)
    // D1
    if (reason !== undefined) this.#skipped[reason.reason] = (this.#skipped[reason.reason] ?? 0) + 1
    return ROW_STEPS + NODE_STEPS * nodes + value.length + texts * Math.min(value.length, limits.REDUCE_TEXT_BYTES_MAX)
  }

  /** @throws Fault `REDUCE_FAILED` */
  end(): Reduction {
    const groups = [...this.#groups.values()].sort((left, right) => (left.key < right.key ? -1 : 1))
    const results = groups.map((group) => group.results.map((result) => result.end()))
    const isGrouped = this.#groupBy.length > 0
    return {
      results: isGrouped ? [] : (results[0] ?? []),
      groups: isGrouped
        ? groups.map(({ values }, at) => ({ values: this.#reduced(values), results: results[at] ?? [] }))
        : [],
      rows: this.#rows,
      skipped: this.#skipped,
    }
  }

  #reduced(values: readonly (Scalar | null)[]): (ReducedValue | null)[] {
    return values.map((value, index) => (value === null ? null : reducedValue(this.#kinds[index] as FieldKind, value)))
  }

  /** @returns why the row does not take part */
  #take(key: Uint8Array, value: Uint8Array): Skipped | undefined {
    const row = this.#row
    row.key = key
    if (this.readsValues) {
      const columns = columnsOf(value, this.#needs.columns)
      if (columns === undefined) return SKIPPED.malformedRow
      row.value = value
      row.view = new DataView(value.buffer, value.byteOffset, value.length)
      row.columns = columns
    }
    const passed = this.#passes?.(row) ?? true
    if (passed !== true) return passed === false ? undefined : passed
    return this.#groupBy.length === 0 ? this.#addTo(ALL, []) : this.#addToGroup()
  }

  #addToGroup(): Skipped | undefined {
    const values: (Scalar | null)[] = []
    for (const { evaluate } of this.#groupBy) {
      const cell = evaluate(this.#row)
      if (cell instanceof Skipped) return cell
      values.push(canonical(cell))
    }
    return this.#addTo(groupName(values), values)
  }

  #addTo(name: string, values: readonly (Scalar | null)[]): Skipped | undefined {
    const cells = this.#cells
    for (const [index, { evaluate }] of this.#reducers.entries()) {
      const cell = evaluate === undefined ? null : evaluate(this.#row)
      if (cell instanceof Skipped) return cell
      cells[index] = cell
    }
    const { results } = this.#groups.get(name) ?? this.#begin(name, values)
    for (const [index, result] of results.entries()) result.add(cells[index] ?? null)
    return undefined
  }

  /** D3 */
  #begin(name: string, values: readonly (Scalar | null)[]): Group {
    const limit = this.#groupsMax
    if (this.#groups.size === limit)
      throw fault('TOO_MANY_ITEMS', `too many groups field=groupBy limit=${limit}`, {
        ...{ field: 'groupBy', count: limit + 1, limit },
      })
    const texts = values.reduce<number>((size, value) => size + sizeOf(value), 0)
    this.#room.take(texts + VALUE_BYTES * (values.length + this.#reducers.length))
    const key = groupKey(values, this.#kinds)
    const group = { key, values, results: this.#reducers.map(({ begin }) => begin(this.#room)) }
    this.#groups.set(name, group)
    return group
  }
}

const NO_BYTES = new Uint8Array(0)
const nothingPasses: Passes = () => false

const compiledFilter = (filter: Predicate, needs: Needs): Passes => {
  const passes = compilePredicate(filter, needs)
  return filter.contradiction ? nothingPasses : passes
}
