/**
 * How large an expression will be once it is compiled, told from its text, since compiling a hostile one is what must
 * not happen: 1,000 characters repeated 1,000 times are a million instructions and stop the process for 0.6 s.
 *
 * The estimate is never below the true size, and close to it. It need not understand what is no expression: the
 * compiler refuses that.
 */

/** In instructions: 0.3 ms of the compiler each, at the most. */
const UNICODE_CLASS_SIZE = 32
/** A range of characters beyond ASCII, all of whose letters are folded once: 4 ms of the compiler each. */
const FOLDED_RANGE_SIZE = 256
/** What stands around the instructions of every expression. */
const FRAME_SIZE = 3
const GROUP_SIZE = 2
/** Of a repetition or an alternative: the ways that part, and one where there may be nothing between. */
const FORK_SIZE = 2

const REPEAT = /\{(\d+)(?:(,)(\d*))?\}\??/y
const OPERATOR = /[*+?]\??/y
const GROUP_HEAD = /\?(?:P?<[^>]*>|[a-zA-Z-]*:?)/y
const UNICODE_CLASS = /\\[pP](?:\{[^}]*\}|[^{])/uy
const ESCAPE = /\\(?:x\{[^}]*\}|x..|[0-7]{1,3}|.)/suy
const QUOTED = /\\Q((?:(?!\\E).)*)(?:\\E|$)/suy
const CLASS = /\[\^?\]?(?:\[:\^?[a-z]*:\]|\\[pP](?:\{[^}]*\}|[^{])|\\.|[^\]\\])*(?:\]|$)/suy
const CHARACTER = /./suy

/** The size of what stands between two brackets, and of the last thing in it, which an operator after it repeats. */
interface Sequence {
  total: number
  last: number
}

export const estimateRegexSize = (pattern: string): number => {
  const foldsCase = /\(\?[a-zA-Z]*i/.test(pattern)
  const open: Sequence[] = []
  let sequence: Sequence = { total: FRAME_SIZE, last: 0 }
  let folding = 0
  let at = 0
  const take = (token: RegExp): RegExpExecArray | undefined => {
    token.lastIndex = at
    const found = token.exec(pattern)
    if (found === null) return undefined
    at = token.lastIndex
    return found
  }
  const add = (size: number): void => {
    sequence.total += size
    sequence.last = size
  }
  while (at < pattern.length) {
    const repeat = take(REPEAT)
    if (repeat !== undefined) repeatLast(sequence, repeat)
    else if (take(OPERATOR) !== undefined) {
      sequence.total += FORK_SIZE
      sequence.last += FORK_SIZE
    } else if (take(UNICODE_CLASS) !== undefined) add(UNICODE_CLASS_SIZE)
    else add(sizeOfToken())
  }
  return open.reduce((total, outer) => total + outer.total, sequence.total + folding)

  /** What neither repeats nor is a class by name. A bracket that closes gives its whole size. */
  function sizeOfToken(): number {
    const quoted = take(QUOTED)
    if (quoted !== undefined) return quoted[1]?.length ?? 0
    if (take(ESCAPE) !== undefined) return 1
    const set = take(CLASS)
    if (set !== undefined) {
      if (foldsCase) folding += FOLDED_RANGE_SIZE * count(set[0], /-(?:\\x|[^\0-\x7f])/g)
      return 1 + UNICODE_CLASS_SIZE * count(set[0], /\\[pP]/g)
    }
    const character = take(CHARACTER)?.[0] ?? ''
    if (character === '(') {
      take(GROUP_HEAD)
      open.push(sequence)
      sequence = { total: 0, last: 0 }
      return 0
    }
    const outer = character === ')' ? open.pop() : undefined
    if (outer === undefined) return character === '|' ? FORK_SIZE : 1
    const size = sequence.total + GROUP_SIZE
    sequence = outer
    return size
  }
}

const repeatLast = (sequence: Sequence, [, least = '0', comma, most = '']: RegExpExecArray): void => {
  const min = Number(least)
  const copies = Math.max(1, min, Number(most))
  const optional = comma === undefined ? 0 : Math.max(1, copies - min)
  const size = sequence.last * copies + optional + FORK_SIZE
  sequence.total += size - sequence.last
  sequence.last = size
}

const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0
