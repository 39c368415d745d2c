import type { ColumnRole, Layout as SentLayout, Plan, PlanProblem, PlanRow } from '~/api/types'
import type { Wizard } from './wizard'

/** A layout with every part present, as the wizard works on it. */
export type Layout = Required<SentLayout>

export function fullLayout(layout: SentLayout): Layout {
  return { ...layout, hierarchy: layout.hierarchy ?? 'flat', filters: layout.filters ?? [], unitMap: layout.unitMap ?? {}, remembered: layout.remembered ?? false }
}

export const ROLES: readonly ColumnRole[] = ['code', 'description', 'unit', 'quantity', 'rate', 'amount', 'level', 'note']
export const ROLE_LABELS: Record<ColumnRole, string> = {
  code: 'Code', description: 'Description', unit: 'Unit', quantity: 'Quantity', rate: 'Rate', amount: 'Amount (compared)', level: 'Level', note: 'Note',
}
export const HIERARCHIES: Record<Layout['hierarchy'], { label: string; says: string }> = {
  flat: { label: 'No headings', says: 'Every row is an item, under one heading named after the sheet.' },
  codes: { label: 'By code', says: '1 holds 1.1, which holds 1.1.01.' },
  indent: { label: 'By indent', says: 'The indent or leading spaces of the description tell the level.' },
  level: { label: 'By level column', says: 'A column holds the level, 1 and up.' },
  bold: { label: 'Bold rows', says: 'Rows in bold are headings.' },
}

/** 0 -> "A", 25 -> "Z", 26 -> "AA". */
export function columnLetter(index: number): string {
  let text = ''
  for (let left = index + 1; left > 0; left = Math.floor((left - 1) / 26)) text = String.fromCharCode(65 + ((left - 1) % 26)) + text
  return text
}

export function roleOf(columns: Layout['columns'], column: number): ColumnRole | null {
  return ROLES.find((role) => columns[role] === column) ?? null
}

/** A column has one role and a role one column: giving it to another takes it from the first. */
export function withRole(columns: Layout['columns'], column: number, role: ColumnRole | null): Layout['columns'] {
  const next: Layout['columns'] = {}
  for (const one of ROLES) {
    const at = columns[one]
    if (at != null && at !== column && one !== role) next[one] = at
  }
  if (role) next[role] = column
  return next
}

/** The unit a spelling will take: what a person chose, else the suggestion, else none. */
export function pickedUnit(unknown: Plan['unknownUnits'][number], picks: Record<string, string>): string {
  return picks[unknown.unit] ?? unknown.suggest ?? ''
}

export function unitMapOf(layout: Layout, unknown: Plan['unknownUnits'], picks: Record<string, string>): Record<string, string> {
  const map = { ...layout.unitMap }
  for (const one of unknown) {
    const code = pickedUnit(one, picks)
    if (code) map[one.unit] = code
  }
  return map
}

/** The body of a plan request; `unitMap` takes the place of the one in the layout. */
export function planRequest(state: Wizard, estimateId: string, unitMap?: Record<string, string>) {
  const { layout } = state
  if (!layout) return null
  const plug = state.rateAs === 'plug' && layout.columns.rate != null
  return {
    estimateId, mode: state.mode, parentId: state.mode === 'reimport' ? null : state.parentId,
    layout: unitMap ? { ...layout, unitMap } : layout,
    rateAs: plug ? ('plug' as const) : ('ignore' as const), plugType: plug ? state.plugType : null,
  }
}

export type RowFilter = 'all' | 'problems' | 'added' | 'changed' | 'dropped' | 'skipped'

export function fits(row: PlanRow, filter: RowFilter): boolean {
  switch (filter) {
    case 'all': return true
    case 'problems': return row.problems.length > 0
    case 'added': return row.action === 'add'
    case 'changed': return row.action === 'change'
    case 'dropped': return row.action === 'drop'
    case 'skipped': return row.action === 'skip'
  }
}

export function isError(problem: PlanProblem): boolean {
  return problem.severity === 'error'
}

export interface ProblemGroup { code: string; rule: string | null; message: string; error: boolean; count: number; cells: string[] }

/** Problems of the same kind together, the ones that stop the import first, then the most frequent. */
export function groupProblems(problems: readonly PlanProblem[]): ProblemGroup[] {
  const groups = new Map<string, ProblemGroup>()
  for (const problem of problems) {
    const key = `${problem.severity} ${problem.code}`
    const group = groups.get(key) ?? { code: problem.code, rule: problem.rule ?? null, message: problem.message, error: isError(problem), count: 0, cells: [] }
    group.count += 1
    if (problem.cell) group.cells.push(problem.cell)
    groups.set(key, group)
  }
  return [...groups.values()].sort((a, b) => (a.error === b.error ? b.count - a.count : a.error ? -1 : 1))
}

/** The largest file the server takes, in bytes. */
export const FILE_BYTES_MAX = 64 * 1024 * 1024
const READ_EXTENSIONS = ['xlsx', 'xltx', 'xls', 'xlt', 'csv', 'tsv', 'txt', 'tab']
export const ACCEPT = READ_EXTENSIONS.map((extension) => `.${extension}`).join(',')

/** Why a file need not even be sent, or null. */
export function fileRefusal(name: string, bytes: number): string | null {
  const extension = name.includes('.') ? (name.split('.').pop() ?? '').toLowerCase() : ''
  if (bytes === 0) return 'The file is empty.'
  if (bytes > FILE_BYTES_MAX) return `The file has ${fileSize(bytes)}; the most is 64 MiB.`
  if (extension === 'xlsm') return 'Workbooks with macros (.xlsm) are not read: save it as .xlsx.'
  if (!READ_EXTENSIONS.includes(extension)) return `A .${extension || '(no ending)'} file is not read: save it as .xlsx, .xls or .csv.`
  return null
}

/** 2048 -> "2 KiB". */
export function fileSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  const kib = Math.round(bytes / 1024)
  return kib < 1024 ? `${kib} KiB` : `${(Math.round(kib / 102.4) / 10).toLocaleString('en-NZ')} MiB`
}
