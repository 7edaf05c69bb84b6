/** How much of what a router has done. */
const figureNames = [
  ...['requests', 'forwarded', 'forwardedAgain', 'toFollowers', 'passedOn', 'refused'],
  ...['droppedNoReply', 'droppedForeignInbox', 'contradictions', 'undecodable', 'failures'],
] as const
export type FigureName = (typeof figureNames)[number]

export class Figures {
  readonly #counts = new Map<FigureName, number>()

  count(name: FigureName): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
  }

  /** All of them. */
  counted(): Readonly<Record<string, number>> {
    return Object.fromEntries(figureNames.map((name) => [name, this.#counts.get(name) ?? 0]))
  }
}
