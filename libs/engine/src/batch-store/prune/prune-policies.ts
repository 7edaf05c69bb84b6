/**
 * The rules of policies, and policies made ready to be carried out (Exoware A.8).
 *
 * V1  A request is checked whole before anything of it takes effect.
 * V2  Every expression compiles; every group that a policy names is one of its expression, and no group is named twice.
 * V3  `keepLatest` and thresholds need an order, thresholds one of `u64Be`.
 * V4  Of one prefix a request has one policy, and at most one of the journal.
 * V5  The expressions of a request are bounded together, for they are compiled in one turn.
 */
import { hexOf } from '@waggle/kernel'
import {
  invalidField,
  limits,
  requiredField,
  type KeysScope,
  type PrunePolicy,
  type RequestOf,
  type Retain,
} from '@waggle/protocol'
import { compileRegex, type Regex } from '../regex/regex.ts'

/** A policy of keys whose expression is compiled. */
export interface KeyPolicy extends Pick<KeysScope, 'groupBy' | 'orderBy'> {
  readonly prefix: Uint8Array
  /** Absent: every key of the prefix. */
  readonly regex?: Regex
  readonly retain: Retain
}

type AskedPolicies = RequestOf<'keys.prune'>['policies']

/** V1. @throws Fault `REQUIRED_FIELD`, `INVALID_FIELD` */
export const checkPolicies = (policies: AskedPolicies): readonly PrunePolicy[] => {
  if (policies.length === 0) throw requiredField('policies')
  const seen = new Set<string>()
  let size = 0
  return policies.map((policy, index) => {
    const field = `policies[${index}]`
    const { keys, sequence, retain } = policy
    if (keys !== undefined && sequence !== undefined) throw invalidField(field, 'either keys or sequence')
    if (keys === undefined && sequence === undefined) throw requiredField(`${field}.keys`)
    // V4.
    const name = keys === undefined ? 'sequence' : hexOf(keys.selector.prefix)
    if (seen.has(name))
      throw invalidField(
        keys === undefined ? `${field}.sequence` : `${field}.keys.selector.prefix`,
        keys === undefined ? 'one policy of the journal' : 'one policy of each prefix',
      )
    seen.add(name)
    if (keys === undefined) return { sequence: {}, retain }
    size += preparePolicy(keys, retain, field).regex?.size ?? 0
    // V5.
    const limit = limits.PRUNE_REGEX_SIZE_MAX
    if (size > limit)
      throw invalidField(`${field}.keys.selector.regex`, `with those before it at most ${limit} steps`, { size, limit })
    return { keys, retain }
  })
}

/** V2 V3. @throws Fault `INVALID_FIELD`, `REQUIRED_FIELD` */
export const preparePolicy = (keys: KeysScope, retain: Retain, field: string): KeyPolicy => {
  const { selector, groupBy, orderBy } = keys
  const regex = selector.regex === undefined ? undefined : compileRegex(selector.regex, `${field}.keys.selector.regex`)
  const groups = groupBy?.captureGroups ?? []
  groups.forEach((group, index) => {
    const at = `${field}.keys.groupBy.captureGroups[${index}]`
    checkGroup(regex, group, at)
    if (groups.indexOf(group) < index) throw invalidField(at, 'another group than those before it')
  })
  if (orderBy !== undefined) checkGroup(regex, orderBy.captureGroup, `${field}.keys.orderBy.captureGroup`)
  checkOrder(orderBy, retain, `${field}.keys.orderBy`)
  return {
    prefix: selector.prefix,
    ...(regex === undefined ? {} : { regex }),
    ...(groupBy === undefined ? {} : { groupBy }),
    ...(orderBy === undefined ? {} : { orderBy }),
    retain,
  }
}

/** V2. */
const checkGroup = (regex: Regex | undefined, group: string, field: string): void => {
  if (regex?.groups.includes(group) !== true) throw invalidField(field, 'the name of a group of the regular expression')
}

/** V3. */
const checkOrder = (orderBy: KeysScope['orderBy'], retain: Retain, field: string): void => {
  if ('dropAll' in retain) return
  if (orderBy === undefined) throw requiredField(field)
  if (!('keepLatest' in retain) && orderBy.encoding !== 'u64Be')
    throw invalidField(`${field}.encoding`, 'u64Be, which thresholds need')
}
