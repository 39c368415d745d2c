/** Kinds of rows as the audit trail names them, in the order of the filter. */
export const KIND_WORDS: Record<string, string> = {
  tender: 'Tender', estimate: 'Estimate', heading: 'Heading', item: 'Item', worksheet: 'Worksheet', commercials: 'Commercials', content: 'Offer texts', package: 'Package',
  adjudication: 'Adjudication', quote: 'Quote', acknowledgement: 'Acknowledgement', approval: 'Approval', submission: 'Submission', handover: 'Hand-over', 'price-book': 'Price book',
  resource: 'Resource', rate: 'Rate', recipe: 'Recipe', unit: 'Unit', conversion: 'Conversion', company: 'Company', categorisation: 'Categorisation', labels: 'Labels',
  'content-kind': 'Kind of offer text', branding: 'Letterhead', thresholds: 'Figures of rules', job: 'Job', comment: 'Comment', attachment: 'Attached file', reading: 'Sensitive reading',
}

/** Kinds of rows in the trail of people and access. */
export const ACCESS_KIND_WORDS: Record<string, string> = { person: 'Person', session: 'Sign-in', token: 'API token', link: 'Link to a provider', organisation: 'Organisation' }

export const CHANGE_WORDS: Record<string, string> = { added: 'added', changed: 'changed', removed: 'removed' }

/** The beginning of a day in this browser's time zone, `days` later, as the server takes it. */
export function dayStart(day: string, days: number): string | undefined {
  const [year, month, date] = day.split('-').map(Number)
  if (!year || !month || !date) return undefined
  const at = new Date(year, month - 1, date + days)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}
