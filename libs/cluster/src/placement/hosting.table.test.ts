import { describe, expect, test } from 'vitest'
import { stepHosting, type HostingEffect, type HostingEvent, type HostingState } from './hosting.ts'

type Cell = readonly [state: HostingState, effect?: HostingEffect]

const all = (state: HostingState): Record<HostingEvent, Cell> => ({
  wanted: [state],
  spared: [state],
  unneeded: [state],
  closed: [state],
  struckOff: [state],
  removed: [state],
  failed: [state],
})

/** Where each event leads from each state, and what it has done. */
const table: Record<HostingState, Record<HostingEvent, Cell>> = {
  absent: { ...all('absent'), wanted: ['hosted', 'open'] },
  hosted: { ...all('hosted'), unneeded: ['leaving', 'close'] },
  leaving: { ...all('leaving'), closed: ['left'] },
  left: { ...all('left'), wanted: ['hosted', 'open'], struckOff: ['removing', 'remove'] },
  removing: { ...all('removing'), removed: ['absent'], failed: ['left'] },
}

const cells = Object.entries(table).flatMap(([state, row]) =>
  Object.entries(row).map(([event, cell]) => [state, event, cell] as const),
)

describe('hosting', () => {
  test.each(cells)('%s, %s: %j', (state, event, [next, effect]) => {
    const step = stepHosting(state as HostingState, event as HostingEvent)
    expect([step.state, step.effect]).toEqual([next, effect])
  })

  test('H1 H2 a folder goes only behind a close and a strike-off, whatever else happens', () => {
    const events = Object.keys(all('absent')) as HostingEvent[]
    for (const state of ['hosted', 'leaving', 'left'] as const)
      for (const event of events)
        if (stepHosting(state, event).effect === 'remove') expect([state, event]).toEqual(['left', 'struckOff'])
  })
})
