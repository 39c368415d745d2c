import type { ColumnRole, Import, Layout as SentLayout, ResourceType } from '~/api/types'
import { type Layout, fullLayout, withRole } from './mapping'

/** The steps of an import, in order. */
export const STEPS = ['upload', 'sheet', 'columns', 'units', 'preview'] as const
export type Step = (typeof STEPS)[number]
export const STEP_NAMES: Record<Step, string> = { upload: 'Upload', sheet: 'Sheet', columns: 'Columns', units: 'Units', preview: 'Preview' }

export type ImportMode = 'append' | 'replace-empty' | 'reimport'

export interface Wizard {
  step: Step
  file: Import | null
  sheet: number
  /** The heading row a person asked for; null leaves it to the server's guess. */
  headerRow: number | null
  /** The guess of the server with what a person changed; null until it is here. */
  layout: Layout | null
  /** Units chosen for spellings that are not in the list; what is not here takes the suggestion. */
  unitPicks: Record<string, string>
  mode: ImportMode
  /** The heading the rows go under; null for the top. */
  parentId: string | null
  rateAs: 'plug' | 'ignore'
  plugType: ResourceType
}

export type WizardAction =
  | { type: 'uploaded'; file: Import }
  | { type: 'sheet'; sheet: number }
  | { type: 'header-row'; row: number }
  | { type: 'guessed'; layout: SentLayout }
  | { type: 'role'; role: ColumnRole | null; column: number }
  | { type: 'hierarchy'; hierarchy: Layout['hierarchy'] }
  | { type: 'filter'; index: number; column: number; equals: string }
  | { type: 'remove-filter'; index: number }
  | { type: 'unit'; spelling: string; code: string }
  | { type: 'mapped-unit'; spelling: string; code: string }
  | { type: 'options'; set: Partial<Pick<Wizard, 'mode' | 'parentId' | 'rateAs' | 'plugType'>> }
  | { type: 'go'; step: Step }

export const START: Wizard = {
  step: 'upload', file: null, sheet: 0, headerRow: null, layout: null, unitPicks: {}, mode: 'append', parentId: null, rateAs: 'plug', plugType: 'subcontract',
}

/** The largest sheet: what a person most likely wants from a workbook with a cover page. */
function fullestSheet(file: Import): number {
  const filled = (sheet: Import['sheets'][number]) => sheet.rows * sheet.columns
  return file.sheets.reduce((best, sheet) => (filled(sheet) > filled(best) ? sheet : best), file.sheets[0] ?? { index: 0, name: '', rows: 0, columns: 0, hidden: false }).index
}

export function wizard(state: Wizard, action: WizardAction): Wizard {
  switch (action.type) {
    case 'uploaded':
      return { ...START, mode: state.mode, parentId: state.parentId, rateAs: state.rateAs, plugType: state.plugType, file: action.file, sheet: fullestSheet(action.file), step: 'sheet' }
    case 'sheet':
      return action.sheet === state.sheet ? state : { ...state, sheet: action.sheet, headerRow: null, layout: null, unitPicks: {} }
    case 'header-row':
      return action.row === state.layout?.headerRow ? state : { ...state, headerRow: action.row, layout: null, unitPicks: {} }
    case 'guessed':
      // A late answer for another sheet, or one after a person began to change the layout, is passed over.
      return state.layout || action.layout.sheet !== state.sheet ? state : { ...state, layout: fullLayout(action.layout) }
    case 'role':
      return onLayout(state, (layout) => ({ ...layout, columns: withRole(layout.columns, action.column, action.role) }))
    case 'hierarchy':
      return onLayout(state, (layout) => ({ ...layout, hierarchy: action.hierarchy }))
    case 'filter':
      return onLayout(state, (layout) => {
        const filters = [...layout.filters]
        filters[action.index] = { column: action.column, equals: action.equals }
        return { ...layout, filters }
      })
    case 'remove-filter':
      return onLayout(state, (layout) => ({ ...layout, filters: layout.filters.filter((_, index) => index !== action.index) }))
    case 'unit':
      return { ...state, unitPicks: { ...state.unitPicks, [action.spelling]: action.code } }
    case 'mapped-unit':
      return onLayout(state, (layout) => {
        const unitMap = { ...layout.unitMap, [action.spelling]: action.code }
        if (action.code === '') delete unitMap[action.spelling]
        return { ...layout, unitMap }
      })
    case 'options':
      return { ...state, ...action.set }
    case 'go':
      return canGo(state, action.step) ? { ...state, step: action.step } : state
  }
}

function onLayout(state: Wizard, change: (layout: Layout) => Layout): Wizard {
  return state.layout ? { ...state, layout: change(state.layout) } : state
}

/** What a layout still needs before its rows can be read; empty when it is ready. */
export function missing(state: Wizard): string[] {
  const { layout } = state
  if (!layout) return ['The sheet is still being read.']
  const needs: string[] = []
  if (layout.columns.description == null) needs.push('Say which column holds the description.')
  if (layout.hierarchy === 'level' && layout.columns.level == null) needs.push('Nesting by level needs a column with the level.')
  if (layout.hierarchy === 'codes' && layout.columns.code == null) needs.push('Nesting by codes needs a column with the code.')
  if (state.mode === 'reimport' && layout.columns.code == null) needs.push('A re-import matches rows by code: say which column holds it.')
  return needs
}

/** A step is reached once everything before it is answered. */
export function canGo(state: Wizard, step: Step): boolean {
  switch (step) {
    case 'upload': return true
    case 'sheet': return state.file !== null
    case 'columns': return state.file !== null && state.layout !== null
    case 'units':
    case 'preview': return state.file !== null && missing(state).length === 0
  }
}

export function stepAfter(step: Step): Step | null {
  return STEPS[STEPS.indexOf(step) + 1] ?? null
}
export function stepBefore(step: Step): Step | null {
  return STEPS[STEPS.indexOf(step) - 1] ?? null
}
