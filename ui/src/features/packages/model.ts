import type { CompanyQuote, PackageDetail, PackageMember, QuoteLineInput } from '~/api/types'
import { formatQuantity, readDecimal } from '~/ui/decimal'
import { unitText } from '~/ui/words'

export type AdjudicationState = PackageDetail['package']['state']

export const ADJUDICATION_STATE_NAMES: Record<AdjudicationState, string> = {
  draft: 'Draft', issued: 'Issued', comparing: 'Comparing', awarded: 'Awarded', transferred: 'Transferred', cancelled: 'Cancelled',
}
export const QUOTE_STATE_NAMES: Record<CompanyQuote['state'], string> = {
  invited: 'Invited', declined: 'Declined', received: 'Received', normalised: 'Compared', awarded: 'Awarded', 'not-awarded': 'Not awarded', withdrawn: 'Withdrawn',
}

/** Quotes come in and change while a round is in one of these states. */
export function takesQuotes(state: AdjudicationState): boolean {
  return state === 'issued' || state === 'comparing'
}

/** Whether a quote has figures to show. */
export function hasFigures(quote: CompanyQuote): boolean {
  return quote.state !== 'invited' && quote.state !== 'declined' && quote.state !== 'withdrawn'
}

/** All that the form of a quote's basis shows: it begins anew when this changes, and not with every price of the quote. */
export function basisOf({ gst, currency, receivedAt, validUntil, statedTotal, conforming, qualifications }: Pick<CompanyQuote, 'gst' | 'currency' | 'receivedAt' | 'validUntil' | 'statedTotal' | 'conforming' | 'qualifications'>): string {
  return JSON.stringify([gst, currency, receivedAt, validUntil, statedTotal, conforming, qualifications])
}

/** What a company wrote for a member, as it is typed over. */
export function givenFor(quote: CompanyQuote, member: string): CompanyQuote['lines'][number] | undefined {
  return quote.lines.find((line) => line.memberId === member && !line.setAside)
}

/** Lines that are matched to no member and not set aside (BR-064). */
export function unmatched(quote: CompanyQuote): CompanyQuote['lines'] {
  return quote.lines.filter((line) => !line.memberId && !line.setAside)
}

const WORDS: Record<string, QuoteLineInput['tag']> = { included: 'included', incl: 'included', free: 'free', foc: 'free' }

/**
 * What was typed into a cell of the matrix: a rate, an amount for the line ("= 1200" or "1200 ls"), a word, or
 * nothing for a gap; null when it is none of them.
 */
export function readPrice(text: string): Omit<QuoteLineInput, 'setAside'> | null {
  const typed = text.trim().toLowerCase()
  if (typed === '' || typed === '-' || typed === '–') return {}
  const tag = WORDS[typed]
  if (tag) return { tag }
  const amount = /^=(.+)$|^(.+?)\s*(?:ls|lump)$/.exec(typed)
  const figure = readDecimal((amount?.[1] ?? amount?.[2] ?? typed).trim())
  if (figure === null) return null
  return amount ? { amount: figure } : { rate: figure }
}

/** A price as it is typed again. */
export function typedPrice(line: CompanyQuote['lines'][number] | undefined, plain: (figure: string) => string): string {
  if (!line) return ''
  if (line.tag) return line.tag
  if (line.amount != null) return `= ${plain(line.amount)}`
  return line.rate == null ? '' : plain(line.rate)
}

/** The text of the e-mail that asks for a quote. */
export function invitationText(detail: PackageDetail, asking: string, deadline: string | null): string {
  const { package: row, members, note } = detail
  const lines = members.slice(0, 40).map((member) => `  ${memberWords(member)}`)
  const more = members.length > 40 ? [`  and ${members.length - 40} more lines: see the attached schedule`] : []
  return [
    'Kia ora,', '',
    `Please quote for ${row.code ? `${row.code}, ` : ''}${row.name}. Fill in the attached schedule and send it back${deadline ? ` by ${deadline}` : ''}.`, '',
    ...lines, ...more, '',
    'Rates exclude GST unless you say otherwise. Leave a line blank that you do not price, and write "included" where it is in another line. Say until when your offer holds and what it excludes.',
    ...(note ? ['', note] : []), '',
    'Ngā mihi', asking,
  ].join('\n')
}

export function memberWords(member: Pick<PackageMember, 'code' | 'description' | 'unit' | 'quantity'>): string {
  return `${member.code} ${member.description}: ${formatQuantity(member.quantity)} ${unitText(member.unit)}`.trim()
}
