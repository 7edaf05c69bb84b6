import { describe, expect, it } from 'vitest'
import { DotLoop, ExactSearch } from './exact-search.ts'
import { seededRandom } from './seeded-random.ts'

const vectors = Array.from({ length: 200 }, (_, index) => seededRandom(1, index).unitVector(30))
const rows = vectors.map((vector, index) => ({ id: `id-${String(index).padStart(3, '0')}`, vector }))
const query = seededRandom(2).unitVector(30)

/** The same by sorting everything. */
const sorted = rows
  .map(({ id, vector }) => ({ id, cosine: vector.reduce((sum, value, index) => sum + value * (query[index] ?? 0), 0) }))
  .sort((left, right) => right.cosine - left.cosine)
  .map(({ id }) => id)

describe('ExactSearch', () => {
  it('orders by cosine, best first', () => {
    const search = new ExactSearch(rows, 30)
    for (const k of [1, 10, 200, 1_000]) expect(search.nearest(query, k)).toEqual(sorted.slice(0, k))
  })

  it('does not depend on lengths', () => {
    const stretched = rows.map(({ id, vector }, row) => ({ id, vector: vector.map((value) => value * (row + 1)) }))
    expect(new ExactSearch(stretched, 30).nearest(query, 10)).toEqual(sorted.slice(0, 10))
  })

  it('breaks ties by id, whatever the order of the rows', () => {
    const twins = ['c', 'a', 'd', 'b'].map((id) => ({ id, vector: query }))
    expect(new ExactSearch(twins, 30).nearest(query, 3)).toEqual(['a', 'b', 'c'])
  })

  it('finds the nearest among those accepted', () => {
    const search = new ExactSearch(rows, 30)
    const odd = sorted.filter((id) => Number(id.slice(3)) % 2 === 1)
    expect(search.nearest(query, 10, (row) => row % 2 === 1)).toEqual(odd.slice(0, 10))
    expect(search.nearest(query, 10, () => false)).toEqual([])
  })
})

describe('DotLoop', () => {
  it('finds what the reference finds', () => {
    const found = new DotLoop(vectors, 30).nearest(query, 10)
    expect(found.map((row) => rows[row]!.id)).toEqual(sorted.slice(0, 10))
  })
})
