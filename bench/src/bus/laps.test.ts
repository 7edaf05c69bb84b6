import { expect, it } from 'vitest'
import { runLap } from './laps.ts'

it('runLap keeps as many calls under way as asked for, and counts what each is worth', async () => {
  let underWay = 0
  let most = 0
  let calls = 0
  let spentUs = 0
  const call = async (): Promise<void> => {
    calls += 1
    underWay += 1
    most = Math.max(most, underWay)
    await Promise.resolve()
    underWay -= 1
  }
  const cpuUs = () => ({ client: (spentUs += 1_000) })
  const lap = await runLap({ name: 'nothing', call, records: 5 }, { calls: 20, width: 4, cpuUs })
  expect([calls, most, lap.latencyMs.count]).toEqual([20, 4, 20])
  expect(lap.cpuUs).toEqual({ client: 10 })
})

it('runLap fails with what a call fails with', async () => {
  const call = async (): Promise<never> => Promise.reject(new Error('refused'))
  await expect(runLap({ name: 'no', call }, { calls: 3, width: 2, cpuUs: () => ({}) })).rejects.toThrow('refused')
})
