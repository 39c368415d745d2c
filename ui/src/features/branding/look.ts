import type { Branding, BrandingInput, ScheduleColumns } from '~/api/types'

/** What the form holds: the letterhead as text, one line each. */
export interface Look {
  letterhead: string
  accent: string
  columns: ScheduleColumns
  signatory: Branding['signatory']
}

/** Columns that may be left out, in the order they stand. */
export const COLUMNS: readonly (readonly [keyof ScheduleColumns, string])[] = [
  ['code', 'Item code'], ['unit', 'Unit'], ['quantity', 'Quantity'], ['rate', 'Rate'], ['sectionTotals', 'A total after each section'],
]

export function lookOf({ letterhead, accent, columns, signatory }: Branding): Look {
  return { letterhead: letterhead.join('\n'), accent, columns, signatory }
}

/** The form as the server takes it; lines left empty at the end are dropped there. */
export function inputOf({ letterhead, accent, columns, signatory }: Look): BrandingInput {
  return { letterhead: letterhead.replaceAll('\r', '').split('\n'), accent, columns, signatory }
}

/** Whether saving would change nothing. */
export function sameLook(a: Look, b: Look): boolean {
  const signedBy = (look: Look) => `${look.signatory.name.trim()}\n${look.signatory.position.trim()}`
  return a.letterhead.trimEnd() === b.letterhead.trimEnd() && signedBy(a) === signedBy(b) && a.accent.trim().toLowerCase() === b.accent.toLowerCase() && COLUMNS.every(([column]) => a.columns[column] === b.columns[column])
}
