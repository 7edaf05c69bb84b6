import { expect, test } from 'vitest'
import { digestState } from '../digest.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { isMarkedWrong, markWrong } from './wrong-mark.ts'

test('K3 a mark stays with the state, and is no part of its digest', async () => {
  const store = new MemoryStore()
  const before = await digestState(store)
  expect(isMarkedWrong(store)).toBe(false)
  await markWrong(store)
  expect(isMarkedWrong(store)).toBe(true)
  expect(await digestState(store)).toEqual(before)
})
