/**
 * What all indexes of a process share, whatever store they are of: the bound on what they take (P11), and the memory of
 * their vectors, which is given from one to the next and never to the system.
 */
import { IndexBudget } from './index-budget.ts'
import { ScanArena } from './scan/scan-arena.ts'

export class IndexMemory {
  readonly budget: IndexBudget
  readonly arena = new ScanArena()

  constructor(bytesMax?: number) {
    this.budget = new IndexBudget(bytesMax)
  }
}
