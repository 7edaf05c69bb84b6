import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GraphLabels } from './graph-labels.ts'

const row = fc.nat({ max: 30 })
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('change' as const), row }),
    fc.record({ kind: fc.constant('remove' as const), row }),
    fc.record({ kind: fc.constant('take' as const), count: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ kind: fc.constant('arrive' as const) }),
  ),
  { maxLength: 200 },
)

/** A graph that remembers what vector each label stands for; vectors are numbers. */
class NaiveGraph {
  readonly vectors: number[] = []
  readonly dead = new Set<number>()
  underWay: readonly (readonly [row: number, vector: number])[] = []
}

describe('GraphLabels', () => {
  test('B1 B2 B3 P7 every row is alive under the label of its present vector, or in the tail', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const present = new Map<number, number>(Array.from({ length: 10 }, (_, at) => [at * 2, at]))
        const labels = new GraphLabels(present.keys())
        const graph = new NaiveGraph()
        let vector = 100
        const die = (dead: readonly (number | undefined)[]): void => {
          for (const label of dead) if (label !== undefined) graph.dead.add(label)
        }
        for (const step of history) {
          const since = labels.count
          const tail = new Set(labels.tail)
          if (step.kind === 'change') {
            present.set(step.row, (vector += 1))
            die([labels.changed(step.row)])
          } else if (step.kind === 'remove') {
            present.delete(step.row)
            die([labels.removed(step.row)])
          } else if (step.kind === 'take' && graph.underWay.length === 0)
            graph.underWay = labels.take(step.count).map((at) => [at, present.get(at)!])
          else if (step.kind === 'arrive') {
            graph.vectors.push(...graph.underWay.map(([, of]) => of))
            graph.underWay = []
            die(labels.arrived())
            // What was tail when somebody asked, and has arrived since, is found by its label.
            const seen = new Set([...labels.rowsSince(since), ...labels.tail])
            for (const at of tail) expect(seen).toContain(at)
          }
          expect(labels.count).toBe(graph.vectors.length)
          const alive = [...graph.vectors.keys()].filter((label) => !graph.dead.has(label))
          expect(labels.alive).toBe(alive.length)
          const rows = [...labels.rowsOf(Uint32Array.from(graph.vectors.keys()))]
          expect(rows.map((at) => present.get(at))).toEqual(alive.map((label) => graph.vectors[label]))
          expect(labels.tailSize).toBe(labels.tail.length)
          expect([...rows, ...labels.tail].sort((a, b) => a - b)).toEqual([...present.keys()].sort((a, b) => a - b))
          for (const at of present.keys()) expect(labels.knows(at)).toBe(rows.includes(at))
        }
      }),
    )
  })

  test('rows come out of the tail in the order in which they were given, and grow beyond any first room', () => {
    const rows = Array.from({ length: 5_000 }, (_, at) => 9_999 - at)
    const labels = new GraphLabels(rows)
    expect(labels.take(3)).toEqual([9_999, 9_998, 9_997])
    labels.arrived()
    labels.take(10_000)
    labels.arrived()
    expect(labels.tailSize).toBe(0)
    expect([...labels.rowsOf(Uint32Array.of(0, 1, 4_999, 5_000))]).toEqual([9_999, 9_998, 5_000])
  })
})
