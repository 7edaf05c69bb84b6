import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, it } from 'vitest'
import { limits } from '@waggle/protocol'
import { compileRegex } from './regex.ts'
import { estimateRegexSize } from './regex-size.ts'
import { readByte, readText, textOfBytes } from './text-of-bytes.ts'

const PARAMETERS = { numRuns: 1_500, seed: 20_261_121 }

const atom = fc.constantFrom(
  ...['a', 'b', '.', 'é', '[ab]', '[^a]', '\\b', '\\B', '^', '$', '\\d', '\\w', '\\PL', '[[:alpha:]b-]', '\\x{1F600}'],
  ...['\\Qa.b\\E', '[\\]a]', '[]a]', '\\.', '(?i:k)', '(?m:^)', '(?m:$)', '\\n', '\\z', 'kK', '[\\dé-ö]', '\\xff'],
)
const repeat = fc.constantFrom('', '', '', '*', '+', '?', '*?', '{2}', '{0,3}', '{1,}', '{3}?', '{0}')
const pattern = fc.letrec((tie) => ({
  pattern: fc.oneof({ maxDepth: 4, depthSize: 'small' }, tie('run'), tie('choice'), tie('group')),
  run: fc.array(fc.tuple(atom, repeat), { minLength: 1, maxLength: 4 }).map((parts) => parts.flat().join('')),
  choice: fc.array(tie('pattern'), { minLength: 2, maxLength: 3 }).map((parts) => `(?:${parts.join('|')})`),
  group: fc.tuple(tie('pattern'), repeat, fc.boolean()).map(([inner, again, isNamed]) => {
    return `(${isNamed ? '' : '?:'}${String(inner)})${again}`
  }),
})).pattern as fc.Arbitrary<string>
const subject = fc.array(
  fc.oneof(
    fc.constantFrom(...'abkK1 \n.é'.split('').map((character) => [...Buffer.from(character)])),
    fc.constantFrom([0xf0, 0x9f, 0x98, 0x80], [0xff], [0xc3], [0xed, 0xa0, 0x80], [0xe2, 0x84, 0xaa]),
  ),
  { maxLength: 12 },
)

const compiled = (text: string): RE2JS | undefined => {
  try {
    return RE2JS.compile(text)
  } catch {
    return undefined
  }
}

describe('an expression', () => {
  it('X1 A1 is found exactly where re2js finds it, looked through at once, in turns, and by captures', () => {
    fc.assert(
      fc.property(pattern, subject, (text, parts) => {
        const bytes = Uint8Array.from(parts.flat())
        const reference = compiled(text)
        fc.pre(reference !== undefined)
        const regex = compileRegex(text, 'regex')
        const expected = reference.matcher(textOfBytes(bytes, readText).text).find()
        const search = regex.search(bytes)
        let outcome = search.run(1)
        for (let turn = 0; outcome === undefined && turn < 1_000; turn++) outcome = search.run(1)
        expect([regex.found(bytes), outcome, regex.captures(bytes) !== undefined]).toEqual([
          expected,
          expected,
          expected,
        ])
      }),
      PARAMETERS,
    )
  })

  it('X3 is never larger than estimated', () => {
    fc.assert(
      fc.property(pattern, (text) => {
        const reference = compiled(text)
        fc.pre(reference !== undefined)
        expect(estimateRegexSize(text)).toBeGreaterThanOrEqual(reference.programSize())
      }),
      PARAMETERS,
    )
  })

  it('X3 P10 of any text is compiled or refused, and is bounded', () => {
    const characters = fc.constantFrom(...'ab.*+?(){}[]|^$\\-:PLQExpi<>!=,0123456789é&'.split(''))
    fc.assert(
      fc.property(fc.array(characters, { minLength: 1, maxLength: 40 }), (parts) => {
        const text = parts.join('')
        const reference = compiled(text)
        fc.pre(reference !== undefined && text.trim() !== '')
        expect(estimateRegexSize(text)).toBeGreaterThanOrEqual(reference.programSize())
        if (estimateRegexSize(text) < limits.REGEX_SIZE_MAX) expect(compileRegex(text, 'regex').size).toBeGreaterThan(0)
      }),
      { ...PARAMETERS, numRuns: 5_000 },
    )
  })
})

describe('bytes as text', () => {
  it('T1 T2 lead back to themselves, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (bytes, isText) => {
        const { text, byteAt } = textOfBytes(bytes, isText ? readText : readByte)
        const places = Array.from({ length: text.length + 1 }, (_, place) => byteAt(place))
        expect(places[0]).toBe(0)
        expect(places.at(-1)).toBe(bytes.length)
        expect(places).toEqual([...places].sort((left, right) => left - right))
        if (!isText) expect(Buffer.from(text, 'latin1')).toEqual(Buffer.from(bytes))
      }),
      PARAMETERS,
    )
  })

  it('T1 are what every decoder makes of true UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(textOfBytes(Buffer.from(text), readText).text).toBe(text)
      }),
      PARAMETERS,
    )
  })
})
