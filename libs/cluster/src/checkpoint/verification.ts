/**
 * Whether a checkpoint counts: a pure judgement of what each replica found its state to be at one record (DESIGN K3).
 *
 * J1  Two replicas that found the same are right: a state is a function of the log, and they came to it apart.
 * J2  Where no other agrees with the leader, or there is none, the state is built again from the log. What comes out is
 *     right, and whoever found something else is wrong, the leader not spared.
 * J3  Where what is built again agrees with nobody who could be asked, nothing counts.
 */
export interface FoundDigests {
  readonly leader: string
  /** By node, the leader not among them. */
  readonly others: ReadonlyMap<string, string>
  /** What building it again gave. */
  readonly rebuilt?: string
}

export type DigestVerdict =
  | { readonly kind: 'verified'; readonly digest: string; readonly wrong: readonly string[] }
  | { readonly kind: 'rebuild' }
  | { readonly kind: 'unverified'; readonly isLeaderWrong: boolean; readonly reason: string }

/** @param leader its node */
export const judgeDigests = (leader: string, found: FoundDigests): DigestVerdict => {
  const all = new Map([[leader, found.leader], ...found.others])
  const agreeing = (digest: string): number => [...all.values()].filter((each) => each === digest).length
  const verified = (digest: string): DigestVerdict => ({
    kind: 'verified',
    digest,
    wrong: [...all].filter(([, each]) => each !== digest).map(([node]) => node),
  })
  // J1.
  if (agreeing(found.leader) > 1) return verified(found.leader)
  // J2.
  if (found.rebuilt === undefined) return { kind: 'rebuild' }
  if (agreeing(found.rebuilt) > 0) return verified(found.rebuilt)
  // J3: with one copy it is plain who is wrong; with several, what was built again may be.
  const told = [...all].map(([node, digest]) => `${node}:${digest}`).join(',')
  return {
    kind: 'unverified',
    isLeaderWrong: all.size === 1,
    reason: `no replica has the digest that the log leads to rebuilt=${found.rebuilt} found=${told}`,
  }
}
