/** What a replica asks of its node: where it stands among the others. The node decides it from all that it hears. */

export interface ReplicaPlace {
  /** How long this replica lets others go first when it starts, milliseconds. */
  handicapMs(): number
  /**
   * Who should lead in this replica's place, and is ready.
   * @param appliedBefore what this one had applied about half a second ago: what others say of themselves is that old
   */
  successor(appliedBefore: number): string | undefined
  /** Whether this node is to lead nothing. */
  drains(): boolean
  /** Whether anybody else may come to lead. */
  hasOthers(): boolean
  /** Of the replicas whose holds are registered, those that are no more. */
  departed(holds: readonly string[]): readonly string[]
  /** How far this node's clock was ahead of the servers' at a barrier, milliseconds (DESIGN L8). */
  readonly clockMeasured: (aheadMs: number) => void
}
