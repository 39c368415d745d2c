import type { Categorisation, CategorisationFields, LabelledKind } from '~/api/types'

export const KIND_NAMES: Record<Categorisation['kind'], string> = { category: 'Category', code: 'Code', flag: 'Flag' }
export const KIND_SAYS: Record<Categorisation['kind'], string> = {
  category: 'One option of several, such as a region.',
  code: 'One option of several, each with a code that means something elsewhere, such as a cost code.',
  flag: 'A marker that is there or not.',
}
type Places = Categorisation['appliesTo']
export const PLACES: readonly (readonly [keyof Places, LabelledKind, string])[] = [
  ['tenders', 'tender', 'Tenders'], ['resources', 'resource', 'Resources'], ['items', 'item', 'Items'], ['companies', 'company', 'Companies'],
]

/** What it is given to, in words. */
export function givenTo(places: Places): string {
  return PLACES.filter(([place]) => places[place]).map(([, , label]) => label.toLowerCase()).join(', ')
}

export interface OptionDraft { id?: string; code: string; name: string; archived: boolean; carriers: number }
export interface Draft { name: string; kind: Categorisation['kind']; appliesTo: Places; options: OptionDraft[] }

export const EMPTY: Draft = { name: '', kind: 'category', appliesTo: { tenders: true, resources: false, items: false, companies: false }, options: [] }

export function draftOf({ name, kind, appliesTo, options }: Categorisation): Draft {
  return { name, kind, appliesTo, options: kind === 'flag' ? [] : options.map(({ id, code, name, archived, carriers }) => ({ id, code, name, archived, carriers })) }
}

/** The form as the server takes it; rows of options nobody filled in are left out. */
export function fieldsOf(draft: Draft): CategorisationFields {
  const options = draft.options.filter(({ id, code, name }) => id !== undefined || code.trim() !== '' || name.trim() !== '')
  return {
    name: draft.name.trim(), kind: draft.kind, appliesTo: draft.appliesTo,
    ...(draft.kind === 'flag' ? {} : { options: options.map(({ id, code, name, archived }) => ({ ...(id ? { id } : {}), code: draft.kind === 'code' ? code.trim() : '', name: name.trim(), archived })) }),
  }
}

/** The categorisations a kind of row may be given, and those it carries already. */
export function choicesFor(all: readonly Categorisation[], kind: LabelledKind, carried: readonly string[]): Categorisation[] {
  const place = PLACES.find(([, one]) => one === kind)?.[0]
  return all.filter((row) => row.options.some((option) => carried.includes(option.id)) || (!row.archived && place !== undefined && row.appliesTo[place]))
}

/** What a row carries once `option` (or none) is chosen of one categorisation. */
export function choose(carried: readonly string[], row: Categorisation, option: string): string[] {
  const others = carried.filter((id) => !row.options.some((one) => one.id === id))
  return option ? [...others, option] : others
}

/** An option as it is read in a list. */
export function optionName(option: { code: string; name: string }): string {
  return [option.code, option.name].filter(Boolean).join(' ')
}
