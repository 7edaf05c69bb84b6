/** Mutants of what is inside the engine, where no port is: a module is rewritten when it is loaded. */
import type { Rewrite } from '../composition/rewrites.ts'

const JUDGEMENT = 'engine/dist/recovery/judgement.js'

export const rewritingMutants: Readonly<Record<string, readonly Rewrite[]>> = {
  /** L4: whatever stands at the position that it names counts, of whichever term. */
  'pipelined-expectation': [
    {
      module: JUDGEMENT,
      find: /const isLost = /,
      replace: "if (record.position === sequence) return 'follows';\n    const isLost = ",
    },
  ],
  /** L2: a record of the current term that contradicts what was applied, or names what is lost, is skipped. */
  'skip-on-wrong-prev': [
    { module: JUDGEMENT, find: /contradicts: 'diverged'/g, replace: "contradicts: 'skip'" },
    { module: JUDGEMENT, find: /namesLost: '(diverged|damaged)'/g, replace: "namesLost: 'skip'" },
    { module: JUDGEMENT, find: /foreign: 'hold'/g, replace: "foreign: 'skip'" },
    { module: JUDGEMENT, find: /unreadable: 'hold'/g, replace: "unreadable: 'skip'" },
  ],
  /** L5: a fault that depends on the state leaves when it is decided. */
  'unfenced-fault': [
    {
      module: 'engine/dist/commit/group.js',
      find: /this\.#members\.push\(submission\);/,
      replace:
        'this.#members.push(submission);' +
        " if (isFault(outcome) || 'fault' in outcome.result) settle(submission, outcome);",
    },
  ],
  /** L6: a strong read believes what the stream says of its end. */
  'strong-by-info': [
    {
      module: 'engine/dist/engine.js',
      find: /await this\.#leading\.confirm\(\);/,
      replace:
        '{ const { last } = await this.#parts.log.bounds();' +
        ' if (last > this.#position.applied) throw notLeading(); }',
    },
  ],
  /** P9: a purge looks for cursors when it begins, and not again where it is decided. */
  'cursor-during-purge': [
    {
      module: 'engine/dist/keeping/journal-commands.js',
      find: /lowestCursor\(view, scope, store\)/,
      replace: 'arguments[0].seen',
    },
    {
      module: 'engine/dist/keeping/journal-pruner.js',
      find: /const listed = await/,
      replace: 'const seen = lowestCursor(this.#parts.store, scope, store);\n        const listed = await',
    },
    {
      module: 'engine/dist/keeping/journal-pruner.js',
      find: /store, keepMs, next \}/,
      replace: 'store, keepMs, next, seen }',
    },
    {
      module: 'engine/dist/keeping/journal-pruner.js',
      find: /^/,
      replace: "import { lowestCursor } from '../watch/cursor-rows.js';\n",
    },
  ],
}

export const rewritesOf = (mutant: string | undefined): readonly Rewrite[] =>
  mutant === undefined ? [] : (rewritingMutants[mutant] ?? [])
