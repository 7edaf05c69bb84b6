import { seededRandom } from '@waggle/kernel/testing'
import type { Uint64Text } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { PointIndex, vectorOf, type PointView } from './point-index.ts'

/** Blocks of 64 rows. */
const DIMENSION = 4_096
const IDS = 150

const vector = (value: number): Float32Array => new Float32Array(DIMENSION).fill(value)

/** What a view shows: the first component of each id's vector. */
const shown = (view: PointView): ReadonlyMap<string, number> =>
  new Map(
    view.blocks.flatMap((block) =>
      Array.from({ length: block.length }, (_, row): [string, number] => {
        const components = vectorOf(block, row)
        expect(block.norms[row]).toBeCloseTo(Math.abs(components[0] as number) * Math.sqrt(DIMENSION), 3)
        expect(components.every((component) => component === components[0])).toBe(true)
        return [block.ids[row] as string, components[0] as number]
      }),
    ),
  )

describe('PointIndex', () => {
  test.each([1, 2, 3])('B1 seed %d: every view shows the moment at which it was taken', (seed) => {
    const random = seededRandom(seed)
    const index = new PointIndex(DIMENSION)
    const model = new Map<string, number>()
    const held: { readonly view: PointView; readonly expected: ReadonlyMap<string, number> }[] = []
    for (let step = 0; step < 600; step += 1) {
      const id = String(random.uint32() % IDS) as Uint64Text
      // Grows at first, shrinks at last.
      if (random.uint32() % 600 > step) {
        index.put(id, vector(step))
        model.set(id, step)
      } else {
        index.remove(id)
        model.delete(id)
      }
      expect(index.size).toBe(model.size)
      if (step % 60 === 0) held.push({ view: index.view(), expected: new Map(model) })
      if (step % 150 === 149) {
        const [oldest] = held.splice(0, 1)
        expect(shown(oldest!.view)).toEqual(oldest!.expected)
        oldest!.view.release()
      }
    }
    for (const { view, expected } of held) {
      expect([view.size, shown(view)]).toEqual([expected.size, expected])
      view.release()
    }
    expect(shown(index.view())).toEqual(model)
  })

  test('B1 what no view shows is changed in place', () => {
    const index = new PointIndex(DIMENSION)
    index.put('1' as Uint64Text, vector(1))
    const first = index.view()
    first.release()
    index.put('1' as Uint64Text, vector(2))
    const second = index.view()
    expect(second.blocks[0]).toBe(first.blocks[0])
    index.put('1' as Uint64Text, vector(3))
    expect(index.view().blocks[0]).not.toBe(second.blocks[0])
    second.release()
  })

  test('X2 what rows take beside their vectors counts', () => {
    const index = new PointIndex(1)
    for (let id = 0; id < 100; id += 1) index.put(String(id) as Uint64Text, Float32Array.of(id))
    expect(index.bytes).toBeGreaterThan(100 * 100)
  })
})
