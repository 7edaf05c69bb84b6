/**
 * The lines of an export. That of an experience is what it was before there were others; the others say what they are.
 */
import { exportLine } from '../experience-form.ts'
import { insightExportLine, relationExportLine } from '../link-form.ts'
import { plainJson } from '../terminal/text.ts'
import type { RecordPage } from '../whole-collective.ts'

/** Each line ends in a line feed. */
export const exportLines = (page: RecordPage): readonly string[] => linesOf(page).map((line) => `${plainJson(line)}\n`)

const linesOf = ({ entity, items }: RecordPage): readonly string[] => {
  switch (entity) {
    case 'experience':
      return items.map(exportLine)
    case 'relation':
      return items.map(relationExportLine)
    case 'insight':
      return items.map(insightExportLine)
  }
}
