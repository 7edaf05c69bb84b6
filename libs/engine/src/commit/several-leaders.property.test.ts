/**
 * Several replicas of one shard lead whenever they like, over a network that delays and loses what they append, and die
 * with or without the end of what they wrote. Nothing but the log stands between them: no lease, no beats.
 */
import { isFault, type Fault, type Uuid } from '@waggle/kernel'
import { seededRandom } from '@waggle/kernel/testing'
import { decodeRecord, decodeTokens, generationFrom, type BuiltName } from '@waggle/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Reply } from '../engine.ts'
import { MemoryStream } from '../log/memory-log.ts'
import { Contender, turns } from '../testing/contender.ts'
import { LossyNetwork } from '../testing/lossy-network.ts'

/** So many are large enough together to travel in two parts. */
const LARGE = 'x'.repeat(102_000)
const LARGE_COUNT = 10

/** A write as its client sends it, with the same key each time. */
interface Write {
  readonly key: string
  readonly operation: BuiltName
  readonly body: object
  /** The moments of the test, rising. */
  firstSentAt?: number
  /** Every answer that came, those of processes that had been deposed too. */
  readonly answers: { readonly at: number; readonly outcome: Outcome }[]
}

/** What a client was told of a write; the sequence is the one that its token names. */
type Outcome = { readonly result: unknown; readonly sequence: number } | { readonly code: string }

const collective = 'c0111ec7-0000-7000-8000-000000000001'
/** Without the large ones, of which few fit into one page. */
const SMALL_ONES = { agents: ['anonymous'] }
const idOf = (number: number): string => `e0000000-0000-7000-8000-00000000000${number}`

const newWrites = (): readonly Write[] => {
  const write = (key: string, operation: BuiltName, body: object): Write => ({
    ...{ key, operation, answers: [] },
    body: { ...body, idempotencyKey: key },
  })
  const small = (key: string, more: object = {}) =>
    write(key, 'experience.record', { collective, content: key, embedding: [1, 2], ...more })
  const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number)
  const large = Array.from({ length: LARGE_COUNT }, () => ({ content: LARGE, embedding: [1, 2], sourceAgent: 'large' }))
  return [
    ...numbers(8).map((number) => small(`free ${number}`)),
    // Only one of those that want the same id can have it.
    ...numbers(6).map((number) => small(`claim ${number}`, { id: idOf(number % 3) })),
    // A counter shows what was done twice.
    ...numbers(6).map((number) =>
      write(`reinforce ${number}`, 'experience.reinforce', { collective, id: idOf(number % 3) }),
    ),
    ...numbers(2).map((number) =>
      write(`large ${number}`, 'experience.recordMany', { collective, experiences: large }),
    ),
  ]
}

/** Told by a process that could not know the outcome, or that did not lead: the client sends it again. */
const unknownCodes = new Set(['NOT_LEADING', 'UNAVAILABLE', 'STORAGE_FAILED', 'CLOSED'])
/** Decided by the state, and remembered. */
const decidedCodes = new Set(['ALREADY_EXISTS', 'NOT_FOUND'])

const verbs = {
  send: 40,
  sendLarge: 2,
  readStrong: 8,
  readByToken: 4,
  elect: 20,
  arrive: 10,
  answer: 50,
  giveUp: 4,
  failStore: 1,
  lateArrives: 6,
  foreign: 3,
  stepDown: 2,
  release: 1,
  follow: 3,
  save: 2,
  crash: 2,
  jump: 3,
} as const

interface Step {
  readonly verb: keyof typeof verbs
  readonly pick: number
  readonly flip: boolean
  readonly turns: number
}

const step: fc.Arbitrary<Step> = fc.record({
  verb: fc.oneof(
    ...Object.entries(verbs).map(([verb, weight]) => ({ arbitrary: fc.constant(verb as keyof typeof verbs), weight })),
  ),
  pick: fc.nat(1_000),
  flip: fc.boolean(),
  turns: fc.nat(5),
})

class World {
  readonly network: LossyNetwork
  readonly writes = newWrites()
  readonly surprises: unknown[] = []
  /** Contents that some reader saw. */
  readonly seen = new Set<string>()
  readonly replicas: Contender[] = []
  readonly #random = seededRandom(7)
  #seed = 0
  #now = 0
  #token: { readonly text: string; readonly sequence: number } | undefined

  private constructor() {
    this.network = new LossyNetwork(new MemoryStream(generationFrom(this.#random.bytes(8))))
  }

  static async make(count: number): Promise<World> {
    const world = new World()
    for (let number = 0; number < count; number += 1) world.replicas.push(await world.newReplica())
    const [first] = world.replicas as [Contender]
    first.wire.isGood = true
    await first.engine.lead()
    await first.call('collective.create', { name: 'bees', dimension: 2, id: collective })
    await first.engine.stepDown()
    first.wire.isGood = false
    return world
  }

  async newReplica(): Promise<Contender> {
    return new Contender({
      network: this.network,
      seeds: () => (this.#seed += 1),
      clockMs: 1_700_000_000_000 + 1_000 * this.#seed,
      surprised: (what) => this.surprises.push(what),
    }).start()
  }

  /** One of those of which `is` is true. */
  #one(pick: number, is: (replica: Contender) => boolean = () => true): Contender | undefined {
    const those = this.replicas.filter(is)
    return those[pick % Math.max(1, those.length)]
  }

  #leading(pick: number): Contender | undefined {
    return this.#one(pick, ({ state }) => state === 'leading' || state === 'ending')
  }

  #waiting(pick: number): Contender | undefined {
    return this.#one(pick, ({ wire }) => wire.isWaiting)
  }

  async take({ verb, pick, flip, turns: count }: Step): Promise<void> {
    const loss = flip ? 'late' : 'lost'
    const small = this.writes.filter(({ key }) => !key.startsWith('large'))
    const large = this.writes.filter(({ key }) => key.startsWith('large'))
    const perform: Record<Step['verb'], () => unknown> = {
      send: () => this.#send(small[Math.floor(pick / 8) % small.length], this.#leading(pick)),
      sendLarge: () => this.#send(large[Math.floor(pick / 8) % large.length], this.#leading(pick)),
      readStrong: () => void this.#readStrong(this.#leading(pick)),
      readByToken: () => void this.#readByToken(this.#leading(pick)),
      elect: () => this.#one(pick, ({ state }) => state === 'idle')?.elect(),
      arrive: () => this.#waiting(pick)?.wire.arrive(),
      answer: () => this.#waiting(pick)?.wire.answer(),
      giveUp: () => this.#waiting(pick)?.wire.giveUp(loss),
      failStore: () => this.#waiting(pick)?.wire.failStore(),
      lateArrives: () => this.network.deliverLate(pick),
      foreign: () => this.network.addForeign(pick, '00000000-0000-7000-8000-00000000f0e1' as Uuid),
      stepDown: () => this.#leading(pick)?.end('stepDown'),
      release: () => this.#leading(pick)?.end('release'),
      follow: () => this.#one(pick)?.follow(),
      save: () => this.#one(pick)?.save(),
      crash: () => this.#one(pick)?.crash(loss, pick % 2 === 0),
      jump: () => this.#one(pick)?.clock.jumpTo(1_700_000_000_000 + 10_000 * (pick - 500)),
    }
    await perform[verb]()
    await turns(count)
  }

  #send(write: Write | undefined, replica: Contender | undefined): void {
    if (write === undefined || replica === undefined) return
    this.#now += 1
    write.firstSentAt ??= this.#now
    void this.outcomeOf(write, replica).then((outcome) => {
      this.#now += 1
      if (outcome !== undefined) write.answers.push({ at: this.#now, outcome })
    })
  }

  /** `undefined` when the client does not know how its write ended. */
  async outcomeOf({ operation, body, key }: Write, replica: Contender): Promise<Outcome | undefined> {
    const reply = await this.#ask(replica, operation, body)
    if (reply === undefined) return undefined
    if (!isFault(reply)) {
      const { token, ...result } = reply
      const sequence = sequenceOf(token)
      if (sequence > (this.#token?.sequence ?? -1)) this.#token = { text: token, sequence }
      return { result, sequence }
    }
    if (!decidedCodes.has(reply.code)) this.surprises.push(`${key}: ${reply.code} ${reply.message}`)
    return { code: reply.code }
  }

  /** `undefined`: no answer, or none that says anything. */
  async #ask(replica: Contender, operation: BuiltName, body: object): Promise<Reply | Fault | undefined> {
    const { life } = replica
    const reply = await replica.call(operation, body).catch((error: unknown) => {
      if (isFault(error)) return error
      this.surprises.push(error)
      return undefined
    })
    // A process that died has told nobody.
    if (life === undefined || replica.life !== life) return undefined
    return isFault(reply) && unknownCodes.has(reply.code) ? undefined : reply
  }

  async #readStrong(replica: Contender | undefined): Promise<void> {
    const acknowledged = this.#acknowledgedContents()
    const contents = await this.#list(replica, { consistency: 'strong' })
    for (const content of contents === undefined ? [] : acknowledged)
      if (contents?.has(content) !== true) this.surprises.push(`L6 a strong read misses ${content}`)
  }

  async #readByToken(replica: Contender | undefined): Promise<void> {
    const token = this.#token
    if (token === undefined) return
    const known = this.#acknowledgedContents(token.sequence)
    const contents = await this.#list(replica, { token: token.text })
    for (const content of contents === undefined ? [] : known)
      if (contents?.has(content) !== true) this.surprises.push(`P5 a read with a token misses ${content}`)
  }

  async #list(replica: Contender | undefined, options: object): Promise<ReadonlySet<string> | undefined> {
    if (replica === undefined) return undefined
    const reply = await this.#ask(replica, 'experience.list', {
      ...{ collective, filter: SMALL_ONES },
      ...options,
    })
    if (reply === undefined || isFault(reply)) return undefined
    const contents = new Set((reply.items as { content: string }[]).map(({ content }) => content))
    for (const content of contents) this.seen.add(content)
    return contents
  }

  /** Contents of the small experiences of which clients know that they are there, up to a sequence. */
  #acknowledgedContents(upTo = Infinity): readonly string[] {
    return this.writes.flatMap(({ key, operation, answers }) =>
      operation === 'experience.record' &&
      answers.some(({ outcome }) => 'sequence' in outcome && outcome.sequence <= upTo)
        ? [key]
        : [],
    )
  }

  /** Everything that is under way comes to its end; nobody leads. */
  async settle(): Promise<void> {
    for (let rounds = 0; rounds < 400; rounds += 1) {
      for (const { wire } of this.replicas) await wire.answer()
      await turns(2)
      for (const replica of this.replicas) replica.end('stepDown')
      if (this.replicas.every(({ state, wire }) => state === 'idle' && !wire.isWaiting) && rounds > 3) break
    }
    expect(this.replicas.map(({ state }) => state)).toEqual(this.replicas.map(() => 'idle'))
    this.network.deliverAllLate()
  }
}

const sequenceOf = (token: string): number => decodeTokens(token)[0]?.sequence ?? NaN

/** Another replica, made from the log alone, which leads and is asked everything again. */
const leadAnew = async (world: World): Promise<Contender> => {
  const last = await world.newReplica()
  last.wire.isGood = true
  world.replicas.push(last)
  last.elect()
  for (let rounds = 0; rounds < 200 && last.state !== 'leading'; rounds += 1) await turns(1)
  expect(world.surprises).toEqual([])
  expect(last.state).toBe('leading')
  return last
}

const expectOnceEach = async (world: World, last: Contender): Promise<void> => {
  const outcomes = new Map<Write, Outcome>()
  // Whatever was sent is sent again, also what was never answered; the others never happened.
  const sent = world.writes.filter(({ firstSentAt }) => firstSentAt !== undefined)
  for (const write of sent) {
    const outcome = await world.outcomeOf(write, last)
    expect(outcome, write.key).toBeDefined()
    outcomes.set(write, outcome as Outcome)
    for (const answer of write.answers) expect(answer.outcome, write.key).toEqual(outcome)
  }
  await expectStateOf(world, last, outcomes)
  expectRealTimeOrder(world)
}

const expectStateOf = async (world: World, last: Contender, outcomes: ReadonlyMap<Write, Outcome>): Promise<void> => {
  const { items } = await last.call('experience.list', { collective, filter: SMALL_ONES })
  const contents = (items as { content: string }[]).map(({ content }) => content)
  const done = [...outcomes].filter(([, outcome]) => 'result' in outcome).map(([write]) => write)
  const small = done.filter(({ operation }) => operation === 'experience.record').map(({ key }) => key)
  expect([...contents].sort()).toEqual([...small].sort())
  const large = done.filter(({ operation }) => operation === 'experience.recordMany')
  const { stats } = await last.call('collective.stats', { collective })
  expect(stats).toMatchObject({ experienceCount: small.length + LARGE_COUNT * large.length })
  for (const content of world.seen) expect(contents, 'what somebody saw').toContain(content)
  for (const number of [0, 1, 2]) {
    const counted = done.filter(
      ({ operation, body }) => operation === 'experience.reinforce' && 'id' in body && body.id === idOf(number),
    )
    const told = counted.map(
      (write) => (outcomes.get(write) as { result: { applications: number } }).result.applications,
    )
    expect([...told].sort()).toEqual(counted.map((_, index) => index + 1))
  }
}

/** P4: what was acknowledged before another one was first sent has the lower sequence. */
const expectRealTimeOrder = ({ writes }: World): void => {
  const acknowledged = writes.flatMap(({ key, firstSentAt, answers }) => {
    const [first] = answers
    if (first === undefined || !('sequence' in first.outcome)) return []
    return [{ key, sentAt: firstSentAt as number, at: first.at, sequence: first.outcome.sequence }]
  })
  for (const before of acknowledged)
    for (const after of acknowledged)
      if (before.at < after.sentAt)
        expect(before.sequence, `${before.key} before ${after.key}`).toBeLessThan(after.sequence)
}

const expectEqualReplicas = async (world: World, last: Contender): Promise<void> => {
  for (const replica of world.replicas) {
    if (replica === last) continue
    // K2: what is left opens again.
    await replica.crash('lost', false)
    replica.follow()
    for (let rounds = 0; rounds < 200 && replica.state !== 'idle'; rounds += 1) await turns(1)
    expect(world.surprises).toEqual([])
    expect(await replica.engine.digest()).toEqual(await last.engine.digest())
    expect(await replica.keptPieces(), 'pieces of batches that were never completed').toBe(0)
  }
}

/** Times of the log never go back, whatever clocks do. */
const expectRisingTimes = ({ network: { stream } }: World): void => {
  let beforeMs = 0
  for (let sequence = 1; sequence <= stream.bounds().last; sequence += 1) {
    const decoded = decodeRecord(stream.at(sequence) as Uint8Array)
    if ('defect' in decoded || decoded.record.epoch.id.endsWith('f0e1')) continue
    expect(decoded.record.timeMs).toBeGreaterThanOrEqual(beforeMs)
    beforeMs = decoded.record.timeMs
  }
}

describe('several leaders over one log', () => {
  test('P1 P2 P4 P5 P8 L5 L6 L7 whatever networks, crashes and clocks do, each write takes effect once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 100, maxLength: 300, size: 'max' }), async (steps) => {
        const world = await World.make(3)
        world.replicas[0]?.elect()
        for (const one of steps) await world.take(one)
        await world.settle()
        const last = await leadAnew(world)
        await expectOnceEach(world, last)
        await last.engine.stepDown()
        await expectEqualReplicas(world, last)
        expectRisingTimes(world)
        expect(world.surprises).toEqual([])
      }),
      { numRuns: 25, timeout: 20_000, interruptAfterTimeLimit: 50_000, markInterruptAsFailure: false },
    )
  })
})
