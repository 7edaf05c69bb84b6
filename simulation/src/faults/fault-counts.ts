/** How often each kind of fault happened: a kind that never happens proves nothing. */

export const faultKinds = [
  ...['delay', 'loss', 'duplication', 'reorder', 'partition', 'asymmetricPartition', 'isolatedServer', 'reconnect'],
  ...['kill', 'powerCut', 'freeze', 'restart', 'drain', 'lostFolder', 'compactorKill', 'routerKill'],
  ...['tornWrite', 'failedSync', 'lostTail', 'lostMiddle', 'slowDisk'],
  ...['clockJump', 'clockSkew'],
  ...['lostAcknowledgement', 'latePublish', 'spuriousRefusal', 'streamElection', 'staleRead', 'fullStream'],
  ...['lostProposal', 'phantomDuplicate', 'laggingCopy', 'holeInCopy', 'hiddenRecord'],
] as const

export type FaultKind = (typeof faultKinds)[number]

export class FaultCounts {
  readonly #counts = new Map<FaultKind, number>(faultKinds.map((kind) => [kind, 0]))

  hit(kind: FaultKind): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1)
  }

  add(others: FaultCounts): void {
    for (const [kind, count] of others.#counts) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + count)
  }

  entries(): readonly (readonly [kind: FaultKind, count: number])[] {
    return [...this.#counts]
  }
}
