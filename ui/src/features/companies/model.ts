import type { Company, CompanyFields, CompanyRoles } from '~/api/types'

export const ROLES = ['client', 'supplier', 'subcontractor'] as const
export type CompanyRole = (typeof ROLES)[number]
export const COMPANY_ROLE_NAMES: Record<CompanyRole, string> = { client: 'Client', supplier: 'Supplier', subcontractor: 'Subcontractor' }

/** The roles a company has, in the order they are shown. */
export function rolesOf(roles: CompanyRoles): CompanyRole[] {
  return ROLES.filter((role) => roles[role])
}

/** What the form of a company holds: lists as one line of text. */
export interface CompanyDraft {
  name: string
  roles: CompanyRoles
  contacts: { name: string; email: string; phone: string }[]
  regions: string
  trades: string
  note: string
  onHold: boolean
}

export const EMPTY_COMPANY: CompanyDraft = {
  name: '', roles: { client: false, supplier: false, subcontractor: true }, contacts: [], regions: '', trades: '', note: '', onHold: false,
}

export function draftOf(company: Company): CompanyDraft {
  return {
    name: company.name, roles: { ...company.roles }, contacts: company.contacts.map((contact) => ({ ...contact })),
    regions: company.regions.join(', '), trades: company.trades.join(', '), note: company.note ?? '', onHold: company.onHold,
  }
}

/** "Waikato, Bay of Plenty" as a list, each word once and none empty. */
export function words(text: string): string[] {
  return [...new Set(text.split(',').map((word) => word.trim()).filter(Boolean))]
}

/** What is sent; lines of contacts left empty are no contacts. */
export function fieldsOf(draft: CompanyDraft): CompanyFields {
  const contacts = draft.contacts.map(({ name, email, phone }) => ({ name: name.trim(), email: email.trim(), phone: phone.trim() }))
  return {
    name: draft.name, roles: draft.roles, contacts: contacts.filter((contact) => contact.name || contact.email || contact.phone),
    regions: words(draft.regions), trades: words(draft.trades), note: draft.note.trim() || null, onHold: draft.onHold,
  }
}
