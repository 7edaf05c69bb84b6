import { describe, expect, it } from 'vitest'
import { OrderedWindow } from './ordered-window.ts'

const deferred = <Value>() => {
  let resolve: (value: Value) => void = () => undefined
  const promise = new Promise<Value>((give) => (resolve = give))
  return {
    promise,
    resolve: (value: Value) => {
      resolve(value)
    },
  }
}

describe('OrderedWindow', () => {
  it('settles in the order of the beginning, whatever ends first', async () => {
    const settled: string[] = []
    const window = new OrderedWindow<string>(3, (outcome) => settled.push(outcome))
    const [one, two] = [deferred<string>(), deferred<string>()]
    window.push(one.promise)
    window.push(two.promise)
    two.resolve('two')
    const drained = window.drain()
    await two.promise
    expect(settled).toEqual([])
    one.resolve('one')
    await drained
    expect(settled).toEqual(['one', 'two'])
  })

  it('has room for as many as its limit', async () => {
    const settled: number[] = []
    const window = new OrderedWindow<number>(2, (outcome) => settled.push(outcome))
    const first = deferred<number>()
    await window.room()
    window.push(first.promise)
    await window.room()
    window.push(Promise.resolve(2))
    let hasRoom = false
    const room = window.room().then(() => (hasRoom = true))
    await Promise.resolve()
    expect(hasRoom).toBe(false)
    first.resolve(1)
    await room
    expect(settled).toEqual([1])
    await window.drain()
    expect(settled).toEqual([1, 2])
  })
})
