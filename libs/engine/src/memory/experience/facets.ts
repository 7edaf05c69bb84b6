/** What filters ask of an experience or an insight, as a row of the journal keeps it. */
import { experienceKinds, type ExperienceKind } from '@waggle/protocol'

/** A condition on something that is absent here is not met. */
export interface Facets {
  readonly createdAt: number
  readonly type?: { readonly kind: ExperienceKind }
  readonly importance?: number
  readonly confidence?: number
  readonly domain?: readonly string[]
  readonly relatedFiles?: readonly string[]
  readonly sourceAgent?: string
  readonly sourceTask?: string
  readonly archived?: boolean
}

export const facetsRow = (facets: Facets): readonly unknown[] => [
  facets.createdAt,
  facets.type === undefined ? null : experienceKinds.indexOf(facets.type.kind),
  facets.importance ?? null,
  facets.confidence ?? null,
  facets.domain ?? null,
  facets.relatedFiles ?? null,
  facets.sourceAgent ?? null,
  facets.sourceTask ?? null,
  facets.archived ?? null,
]

export const facetsFrom = (row: readonly unknown[]): Facets => {
  const [createdAt, kind, importance, confidence, domain, relatedFiles, sourceAgent, sourceTask, archived] = row
  return {
    createdAt: createdAt as number,
    ...(kind === null ? {} : { type: { kind: experienceKinds[kind as number] as ExperienceKind } }),
    ...(importance === null ? {} : { importance: importance as number }),
    ...(confidence === null ? {} : { confidence: confidence as number }),
    ...(domain === null ? {} : { domain: domain as string[] }),
    ...(relatedFiles === null ? {} : { relatedFiles: relatedFiles as string[] }),
    ...(sourceAgent === null ? {} : { sourceAgent: sourceAgent as string }),
    ...(sourceTask === null ? {} : { sourceTask: sourceTask as string }),
    ...(archived === null ? {} : { archived: archived as boolean }),
  }
}
