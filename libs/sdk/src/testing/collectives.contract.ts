/** Collectives: making, finding, listing and deleting them. */
import { limits, partition } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { expectRefusal, experience, givenId, noStats } from './samples.ts'
import { sharedStore, withStore, type Abilities, type OpenStore } from './store-under-test.ts'

export const collectivesContract = (open: OpenStore, { shards }: Abilities): void => {
  describe('collectives', () => {
    const store = sharedStore(open)

    it('test_create_collective: keeps name and dimension, has no owner and no embedder', async () => {
      const before = Date.now()
      const hive = await store.waggle.createCollective({ name: 'payments-team', dimension: 384 })
      expect([hive.name, hive.dimension, hive.info.name, hive.info.dimension]).toEqual([
        'payments-team',
        384,
        'payments-team',
        384,
      ])
      expect(hive.id).toBe(hive.info.id)
      expect(hive.info).not.toHaveProperty('owner')
      expect(hive.info).not.toHaveProperty('embedder')
      expect(hive.info.updatedAt).toBe(hive.info.createdAt)
      expect(hive.info.createdAt).toBeGreaterThanOrEqual(before)
    })

    it('test_create_collective_with_owner: keeps the owner', async () => {
      expect((await store.collective({ owner: 'alice' })).info.owner).toBe('alice')
    })

    it.each([
      ['test_create_collective_empty_name_rejected', '', 'REQUIRED_FIELD'],
      ['test_create_collective_whitespace_name_rejected', ' \t\n\u3000', 'INVALID_FIELD'],
      ['test_create_collective_long_name_rejected: 256 characters', 'n'.repeat(256), 'INVALID_FIELD'],
      ['256 bytes in 128 characters', 'é'.repeat(128), 'INVALID_FIELD'],
      ['a lone surrogate, which would not come back as it went in', 'name \ud800', 'INVALID_FIELD'],
    ])('P10 %s', async (_title, name, code) => {
      await expectRefusal(store.waggle.createCollective({ name, dimension: 3 }), code, 'name')
      await expectRefusal(store.waggle.getOrCreateCollective({ name, dimension: 3 }), code, 'name')
    })

    it.each([
      ['test_create_collective_max_length_name_accepted: 255 characters', 'm'.repeat(255)],
      ['255 bytes in 85 characters', '€'.repeat(85)],
      ['white space around a name stays', '  spaced  '],
      ['any other text, one with a zero byte too', '名前 🐝 a\0b'],
    ])('%s', async (_title, name) => {
      const hive = await store.waggle.createCollective({ name, dimension: 3 })
      expect((await store.waggle.collective(name)).info).toEqual(hive.info)
    })

    it('test_create_collective_with_owner_empty_owner_rejected: an owner has 1 to 255 bytes', async () => {
      await expectRefusal(store.collective({ owner: '' }), 'REQUIRED_FIELD', 'owner')
      await expectRefusal(store.collective({ owner: 'o'.repeat(256) }), 'CONTENT_TOO_LARGE', 'owner')
      await expectRefusal(store.collective({ owner: '€'.repeat(86) }), 'CONTENT_TOO_LARGE', 'owner')
      expect((await store.collective({ owner: '€'.repeat(85) })).info.owner).toHaveLength(85)
    })

    it.each([1, 2, 384, 768, 1536, limits.DIMENSION_MAX])(
      'test_embedding_dimension_matches_custom_config, test_open_with_custom_embedding_dimension: dimension %i',
      async (dimension) => {
        const hive = await store.collective({ dimension })
        const embedding = new Float32Array(dimension).fill(0.5)
        const { id } = await hive.record(experience({ embedding }))
        expect((await hive.get(id))?.embedding).toEqual(embedding)
      },
    )

    it.each([0, -1, 1.5, limits.DIMENSION_MAX + 1, NaN, Infinity])(
      'P10 test_invalid_config_custom_dimension_zero, test_invalid_config_custom_dimension_too_large: %d is refused',
      async (dimension) => {
        await expectRefusal(store.collective({ dimension }), 'INVALID_FIELD', 'dimension')
        // An embedder does not hide what is wrong with the dimension.
        await expectRefusal(store.collective({ dimension, embedder: 'hashing' }), 'INVALID_FIELD', 'dimension')
      },
    )

    it('test_embedding_dimension_locked_to_config: a dimension must be named, and never changes', async () => {
      await expectRefusal(store.waggle.createCollective({ name: 'x' } as never), 'REQUIRED_FIELD', 'dimension')
      const hive = await store.waggle.getOrCreateCollective({ name: 'locked', dimension: 512 })
      await hive.record(experience({ embedding: new Float32Array(512).fill(1) }))
      // test_open_with_custom_dimension asks for another one of the published sizes.
      for (const dimension of [384, 768, 1536])
        await expectRefusal(
          store.waggle.getOrCreateCollective({ name: 'locked', dimension }),
          'DIMENSION_MISMATCH',
          'dimension',
        )
      expect((await store.waggle.collective('locked')).dimension).toBe(512)
    })

    it('test_get_collective: found by id, in upper case too, and by name', async () => {
      const hive = await store.collective({ name: 'found', owner: 'alice' })
      for (const wanted of [hive.id, hive.id.toUpperCase(), 'found'])
        expect((await store.waggle.collective(wanted)).info).toEqual(hive.info)
    })

    it.each(['nobody has this name', givenId(404)])(
      'test_get_collective_nonexistent: %s is NOT_FOUND',
      async (wanted) => {
        expect((await expectRefusal(store.waggle.collective(wanted), 'NOT_FOUND')).kind).toBe('notFound')
      },
    )

    it('an id goes before a name, and a name may look like an id', async () => {
      const idLike = givenId(0xa11ce)
      const named = await store.collective({ name: idLike })
      expect((await store.waggle.collective(idLike)).id).toBe(named.id)
      const withId = await store.waggle.createCollective({ name: 'plain', dimension: 3, id: idLike })
      expect((await store.waggle.collective(idLike)).info).toEqual(withId.info)
    })

    it('names need not be unique; one that several carry is AMBIGUOUS_NAME until one is left', async () => {
      const [first, second] = [await store.collective({ name: 'twin' }), await store.collective({ name: 'twin' })]
      expect(first.id).not.toBe(second.id)
      await expectRefusal(store.waggle.collective('twin'), 'AMBIGUOUS_NAME', 'name')
      await expectRefusal(store.waggle.getOrCreateCollective({ name: 'twin', dimension: 4 }), 'AMBIGUOUS_NAME', 'name')
      await first.deleteCollective()
      expect((await store.waggle.collective('twin')).id).toBe(second.id)
    })

    it('P11 a name is carried by at most 1024 collectives of a shard', async () => {
      const create = async (id: string) => store.waggle.createCollective({ id, name: 'popular', dimension: 1 })
      const ids: string[] = []
      for (let n = 0x10_0000; ids.length <= limits.COLLECTIVES_PER_NAME_MAX; n += 1)
        if (partition(givenId(n), shards) === 0) ids.push(givenId(n))
      await Promise.all(ids.slice(1).map(create))
      await expectRefusal(create(ids[0]!), 'TOO_MANY_OF_NAME', 'name')
    })

    it('an id that is given is kept, and ALREADY_EXISTS when it is taken', async () => {
      const id = givenId(7)
      const hive = await store.waggle.createCollective({ id, name: 'given', dimension: 3 })
      expect(hive.id).toBe(id)
      await expectRefusal(store.waggle.createCollective({ id, name: 'other', dimension: 3 }), 'ALREADY_EXISTS', 'id')
      await hive.deleteCollective()
      const again = await store.waggle.createCollective({ id, name: 'again', dimension: 3 })
      expect([again.id, again.name]).toEqual([id, 'again'])
    })

    it('test_delete_collective, test_delete_collective_removes_from_list: by id, by name, in lists', async () => {
      const [gone, other] = [await store.collective({ name: 'gone' }), await store.collective({ name: 'other one' })]
      const { id } = await gone.record(experience())
      await gone.deleteCollective()
      for (const wanted of [gone.id, 'gone']) await expectRefusal(store.waggle.collective(wanted), 'NOT_FOUND')
      await expectRefusal(gone.get(id), 'NOT_FOUND')
      const ids = (await store.waggle.collectives()).map((collective) => collective.id)
      expect(ids).toContain(other.id)
      expect(ids).not.toContain(gone.id)
    })

    it('test_delete_collective_nonexistent, test_delete_collective_cascades: with nothing in it', async () => {
      const hive = await store.collective()
      await hive.deleteCollective()
      await expectRefusal(hive.deleteCollective(), 'NOT_FOUND')
    })

    it('test_get_collective_stats_nonexistent: every method of a collective that is gone is NOT_FOUND', async () => {
      const hive = await store.collective()
      const { id } = await hive.record(experience())
      await hive.deleteCollective()
      const calls: (() => Promise<unknown>)[] = [
        () => hive.stats(),
        () => hive.get(id),
        () => hive.getMany([id]),
        () => hive.list(),
        () => hive.recent(),
        () => hive.search({ embedding: [1, 0, 0, 0] }),
        () => hive.record(experience()),
        () => hive.recordMany([experience()]),
        () => hive.recordMany([]),
        () => hive.update(id, { importance: 1 }),
        () => hive.archive(id),
        () => hive.unarchive(id),
        () => hive.reinforce(id),
        () => hive.delete(id),
        () => hive.restore([]),
      ]
      for (const call of calls) await expectRefusal(call(), 'NOT_FOUND')
    })
  })

  describe('the list of collectives', () => {
    it('test_list_collectives_empty, test_list_collectives: all of them, oldest first', async () => {
      await withStore(open, async ({ waggle }) => {
        expect(await waggle.collectives()).toEqual([])
        const made = []
        for (const name of ['c', 'a', 'b']) made.push((await waggle.createCollective({ name, dimension: 3 })).info)
        const byTime = made.toSorted((left, right) => left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1))
        expect(await waggle.collectives()).toEqual(byTime)
      })
    })

    it('test_list_collectives_by_owner: 2 for alice, 1 for bob, 0 for nobody; unowned excluded', async () => {
      await withStore(open, async ({ waggle }) => {
        for (const owner of ['alice', 'bob', 'alice', undefined, 'Alice'])
          await waggle.createCollective({ name: 'owned', dimension: 3, owner })
        const countOf = async (owner: string) => (await waggle.collectives({ owner })).length
        expect([await countOf('alice'), await countOf('bob'), await countOf('nobody')]).toEqual([2, 1, 0])
        await expectRefusal(waggle.collectives({ owner: '' }), 'REQUIRED_FIELD', 'owner')
      })
    })

    it('P1 test_collectives_persist_across_reopen, test_metadata_preserved_across_opens: all fields', async () => {
      await withStore(open, async (store) => {
        const { waggle } = store
        const fields = { dimension: 384, owner: 'alice', embedder: 'hashing' }
        const { info } = await waggle.createCollective({ name: 'kept', ...fields })
        const gone = await waggle.createCollective({ name: 'gone', dimension: 3 })
        await gone.deleteCollective()
        const again = await store.reopen()
        expect(await again.collectives()).toEqual([info])
        expect((await again.collective('kept')).info).toEqual(info)
        await expectRefusal(again.collective('gone'), 'NOT_FOUND')
      })
    })
  })

  describe('getOrCreateCollective', () => {
    const store = sharedStore(open)

    it('the second call finds what the first made', async () => {
      const first = await store.waggle.getOrCreateCollective({ name: 'team', dimension: 5, owner: 'alice' })
      const second = await store.waggle.getOrCreateCollective({ name: 'team', dimension: 5, owner: 'bob' })
      expect(second.info).toEqual(first.info)
      expect(second.info.owner).toBe('alice')
    })

    it('P2 twenty at once make one', async () => {
      const calls = Array.from({ length: 20 }, () => store.waggle.getOrCreateCollective({ name: 'rush', dimension: 2 }))
      expect(new Set((await Promise.all(calls)).map(({ id }) => id)).size).toBe(1)
      const named = (await store.waggle.collectives()).filter(({ name }) => name === 'rush')
      expect(named).toHaveLength(1)
    })

    it('finds one that createCollective made, and makes a new one after it was deleted', async () => {
      const made = await store.collective({ name: 'made' })
      expect((await store.waggle.getOrCreateCollective({ name: 'made', dimension: 4 })).id).toBe(made.id)
      await made.deleteCollective()
      const again = await store.waggle.getOrCreateCollective({ name: 'made', dimension: 4 })
      await again.record(experience())
      await again.deleteCollective()
      const anew = await store.waggle.getOrCreateCollective({ name: 'made', dimension: 4 })
      expect(await anew.stats()).toEqual(noStats)
    })

    it('test_dimension_mismatch_returns_error, test_dimension_mismatch_custom_to_standard: refused', async () => {
      await store.waggle.getOrCreateCollective({ name: 'wide', dimension: 384 })
      const call = store.waggle.getOrCreateCollective({ name: 'wide', dimension: 768 })
      const fault = await expectRefusal(call, 'DIMENSION_MISMATCH', 'dimension')
      expect(fault.details).toMatchObject({ expected: 384, got: 768 })
    })
  })
}
