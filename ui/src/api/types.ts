/** The JSON of /api/v1. Money, rates and quantities are decimal strings; ids UUIDv7; times RFC 3339 UTC. */

export type Decimal = string
export type Lsn = number

export type Role = 'estimator' | 'lead-estimator' | 'admin'
export interface User { id: string; name: string; email: string; role: Role }
export interface Organisation {
  id: string; slug: string; name: string; currency: string; gstPct: Decimal; timeZone: string; locale: string
}
export interface Session { user: User; organisation: Organisation; demo: boolean; signIn: string; version: string }

export interface Violation {
  rule: string; code: string; message: string; objects: string[]; field?: string | null; position?: number | null
  edit?: number | null; facts?: Record<string, string | number> | null
}
export interface Problem {
  type: string; title: string; status: number; detail?: string | null; code: string
  violations?: Violation[] | null; current?: unknown
}
export interface Page<T> { items: T[]; nextCursor?: string | null; total?: number | null }

export interface Unit { code: string; name: string; aliases: string[]; dimension?: string | null }
export interface Conversion { from: string; to: string; factor: Decimal }
export interface Units { items: Unit[]; conversions: Conversion[] }

export type ResourceType = 'labour' | 'plant' | 'material' | 'subcontract' | 'other'
export type ByType = Record<ResourceType, Decimal>
export type ItemType =
  | 'schedule' | 'normal' | 'rate-only' | 'provisional-sum' | 'prime-cost-sum' | 'percentage' | 'daywork'
  | 'excluded' | 'included-elsewhere' | 'risk'
export type ItemStatus = 'unpriced' | 'plugged' | 'priced' | 'reviewed'

export type TenderState =
  | 'enquiry' | 'active' | 'submitted' | 'won' | 'lost' | 'no-award' | 'declined' | 'withdrawn' | 'archived'
export type FormOfContract = 'nzs3910' | 'nzs3916' | 'nzs3917' | 'other'
export type EstimateState = 'in-progress' | 'reviewed' | 'approved' | 'submitted' | 'superseded' | 'archived'

export interface EstimateSummary {
  id: string; tenderId: string; code: string; name: string; revision: number; state: EstimateState
}
export interface TenderInput {
  number: string; name: string; clientName?: string | null; clientRef?: string | null; location?: string | null
  closingAt?: string | null; validityDays?: number; formOfContract?: FormOfContract; envelopes?: 'one' | 'two'
}
export interface Tender {
  id: string; number: string; name: string; clientName?: string | null; clientRef?: string | null; location?: string | null
  closingAt?: string | null; validityDays?: number | null; formOfContract: FormOfContract; envelopes: 'one' | 'two'
  state: TenderState; estimates: EstimateSummary[]; version: number; createdAt: string; updatedAt: string
}

export interface Variable { name: string; formula: string; value?: Decimal | null; note?: string | null; error?: FormulaError | null }
export interface Block { name: string; formula: string; unit?: string | null; note?: string | null; value?: Decimal | null; error?: FormulaError | null }
export interface FormulaError { code: string; message: string; field?: string | null; position?: number | null; path?: string[] | null }
export interface Totals {
  direct: Decimal; indirect: Decimal; total: Decimal; byType: ByType; provisional: Decimal
  headings: number; items: number; unpriced: number; plugged: number; priced: number; reviewed: number
}
export interface Estimate extends EstimateSummary {
  gstPct: Decimal; variables: Variable[]; totals: Totals; lsn: Lsn; version: number
}

export interface Row {
  id: string; kind: 'heading' | 'item'; parentId?: string | null; depth: number; code: string; description: string
  version: number; hasChildren: boolean; childCount: number; open: boolean
  direct: Decimal; indirect: Decimal; cost: Decimal; byType: ByType; items: number; unpriced: number; plugged: number
  type?: ItemType | null; unit?: string | null; quantity?: Decimal | null; quantityFormula?: string | null
  takeoffQuantity?: Decimal | null; costRate?: Decimal | null; status?: ItemStatus | null
  plugRate?: Decimal | null; plugType?: ResourceType | null; indirectFlag?: boolean | null; inactive?: boolean | null
  option?: { group: string; selected: boolean; optional?: boolean } | null; counted?: boolean | null
  lockedSellRate?: Decimal | null; clientAmount?: Decimal | null; percent?: Decimal | null; linkedItems?: string[] | null
  reason?: string | null; includedIn?: string | null; paymentClause?: string | null; workbenchCode?: string | null
  lineCount?: number | null; diverged?: boolean | null; note?: string | null; error?: { code: string; message: string } | null
}
export interface RowsWindow { lsn: Lsn; total: number; offset: number; rows: Row[] }
export interface TreeView { expandLevel: number; toggled: string[] }
export interface Located { ancestors: string[]; index?: number | null }
export interface SearchHit { row: Row; path: string[]; index?: number | null }

export type Place = { at: 'first' } | { at: 'last' } | { before: string } | { after: string }
export interface ItemFields {
  code?: string; description?: string; unit?: string | null; quantity?: string | null; takeoffQuantity?: string | null
  type?: ItemType; plugRate?: string | null; plugType?: ResourceType | null; indirect?: boolean; inactive?: boolean
  option?: { group: string; selected: boolean; optional?: boolean } | null; clientAmount?: string | null; percent?: string | null
  linkedItems?: string[]; reason?: string | null; includedIn?: string | null; paymentClause?: string | null
  workbenchCode?: string | null; lockedSellRate?: string | null; note?: string | null; reviewed?: boolean
}
export interface RowFields extends ItemFields { name?: string }

export type LineMethod = 'time' | 'norm' | 'fixed' | 'usage' | 'subcontract' | 'lump' | 'percent-of'
export interface LineInput {
  method: LineMethod; resourceId?: string | null; recipeId?: string | null; description?: string | null
  type?: ResourceType | null; unit?: string | null; rate?: string | null
  count?: string | null; production?: string | null; efficiency?: string | null; hours?: string | null; usage?: string | null
  quantity?: string | null; waste?: string | null; pack?: string | null; minimum?: string | null; amount?: string | null
  percent?: string | null; ofTypes?: ResourceType[] | null; params?: Record<string, string> | null
  credit?: boolean; freeIssue?: boolean; note?: string | null
}
export interface Leaf {
  path: string[] | string; resourceId: string; code: string; description: string; type: ResourceType; unit: string
  quantity: Decimal; rate: Decimal; cost: Decimal
}
export interface Line extends LineInput {
  id: string
  resource?: { id: string; code: string; description: string; unit: string; state: string } | null
  recipe?: { id: string; code: string; name: string; n: number; currentN: number } | null
  lineQuantity?: Decimal | null; cost?: Decimal | null; currentRate?: Decimal | null; diverged?: boolean | null
  working?: string | null; leaves?: Leaf[] | null; error?: FormulaError | null
}
export interface Worksheet {
  itemId: string; version: number; quantity?: Decimal | null; quantityFormula?: string | null; unit?: string | null
  cost: Decimal; costRate?: Decimal | null; byType: ByType; variables: Variable[]; blocks: Block[]; lines: Line[]
}

export type Edit =
  | { op: 'add-heading'; id?: string; parentId?: string | null; place: Place; code?: string; name: string }
  | ({ op: 'add-item'; id?: string; parentId?: string | null; place: Place } & ItemFields)
  | { op: 'update'; id: string; version?: number; set: RowFields }
  | { op: 'move'; ids: string[]; parentId?: string | null; place: Place }
  | { op: 'indent' | 'outdent' | 'move-up' | 'move-down'; ids: string[] }
  | { op: 'delete'; ids: string[]; confirm?: { items: number; cost: Decimal } }
  | { op: 'duplicate'; ids: string[]; parentId?: string | null; place?: Place }
  | { op: 'convert'; id: string; to: 'heading' | 'item' }
  | {
      op: 'worksheet'; itemId: string; version?: number
      set: {
        variables?: { name: string; formula: string; note?: string | null }[]
        blocks?: { name: string; formula: string; unit?: string | null; note?: string | null }[]
      }
    }
  | { op: 'add-line'; itemId: string; id?: string; place?: Place; line: LineInput }
  | { op: 'update-line'; itemId: string; lineId: string; set: Partial<LineInput> }
  | { op: 'delete-lines'; itemId: string; lineIds: string[] }
  | { op: 'move-line'; itemId: string; lineId: string; place: Place }
  | { op: 'copy-lines'; fromItemId: string; lineIds?: string[]; toItemId: string }

export interface UndoStep { lsn: Lsn; label: string }
export interface UndoState { undo?: UndoStep | null; redo?: UndoStep | null }
export interface EditResult {
  lsn: Lsn; label: string; results: { ids: string[] }[]; rows: Row[]; removed: string[]; structure: boolean; reload: boolean
  totals: Totals; worksheets: string[]; undo: UndoState
}
export interface FormulaCheck { value?: Decimal | null; names: string[]; error?: FormulaError | null }
export interface FormulaName { name: string; value?: Decimal | null; from: 'worksheet' | 'item' | 'parent' | 'estimate' | 'built-in'; help?: string | null }
export interface RepriceLine {
  itemId: string; itemCode: string; lineId: string; code: string; oldRate?: Decimal | null; newRate?: Decimal | null
  oldCost: Decimal; newCost: Decimal
}
export interface Reprice { lines: RepriceLine[]; effect: Decimal; result?: EditResult | null }
export interface Check { code: string; rule?: string | null; severity: 'rule' | 'warning'; message: string; nodeId?: string | null; kind?: string | null }
export interface Checks { items: Check[]; counts: { rules: number; warnings: number }; nextCursor?: string | null }
export interface HistoryEntry {
  lsn: Lsn; at: string; actor: { id: string; name: string }; command: string; label: string
  changes: { field: string; before?: unknown; after?: unknown }[]
}

export interface PriceBook { id: string; name: string; kind: string; version: { n: number; state: string } }
export interface ResourceInput {
  code: string; description: string; type: ResourceType; unit: string; rate?: string | null; note?: string | null
  defaultWaste?: string | null; defaultEfficiency?: string | null; state?: 'active' | 'retired'
}
export interface Resource {
  id: string; priceBookId: string; code: string; description: string; type: ResourceType; unit: string; rate?: Decimal | null
  state: 'active' | 'retired'; used: boolean; note?: string | null; defaultWaste?: Decimal | null
  defaultEfficiency?: Decimal | null; version: number
}
export interface Usage {
  estimateId: string; estimateName: string; tenderNumber: string; itemId: string; itemCode: string; itemDescription: string
  via?: string | null
}

export interface RecipeParam {
  name: string; unit?: string | null; min?: Decimal | null; max?: Decimal | null; default?: Decimal | null; note?: string | null
}
export interface RecipeLineInput {
  id?: string | null; resourceId?: string | null; recipeId?: string | null; factor: string; waste?: string | null
  pack?: string | null; minimum?: string | null; params?: Record<string, string> | null; note?: string | null
}
export interface RecipeInput {
  code: string; name: string; unit: string; params: RecipeParam[]; variables: { name: string; formula: string }[]
  blocks: { name: string; formula: string; unit?: string | null; note?: string | null }[]; lines: RecipeLineInput[]
}
export interface RecipeLine extends RecipeLineInput {
  resource?: { id: string; code: string; description: string; unit: string; state: string } | null
  recipe?: { id: string; code: string; name: string; n: number; currentN: number } | null
}
export interface RecipeSummary {
  id: string; code: string; name: string; unit: string; n: number; version: number; state: 'active' | 'retired'; used: boolean
}
export interface Recipe extends Omit<RecipeInput, 'lines'> {
  id: string; n: number; version: number; state: 'active' | 'retired'; used: boolean; lines: RecipeLine[]
}
export interface RecipePreview {
  cost: Decimal; unitCost?: Decimal | null; byType: ByType; leaves: Leaf[]
  variables: Variable[]; blocks: Block[]; error?: FormulaError | null
}
export interface CatalogueEntry {
  kind: 'resource' | 'recipe'; id: string; code: string; description: string; type?: ResourceType | null; unit: string
  rate?: Decimal | null; state: string
}

export interface ImportSheet { index: number; name: string; rows: number; columns: number }
export interface Import { id: string; fileName: string; size: number; sheets: ImportSheet[] }
export interface SheetCell { v: string | null; kind: 'empty' | 'text' | 'number' | 'bool' | 'error' | 'date'; bold?: boolean; indent?: number }
export type ColumnRole = 'code' | 'description' | 'unit' | 'quantity' | 'rate' | 'amount' | 'level' | 'note'
export interface Layout {
  sheet: number; headerRow: number; columns: Partial<Record<ColumnRole, number | null>>
  hierarchy: 'flat' | 'codes' | 'indent' | 'level' | 'bold'; filters: { column: number; equals: string }[]
  unitMap: Record<string, string>; remembered: boolean
}
export interface SheetWindow { cells: SheetCell[][]; rows: number; columns: number; guess: Layout }
export interface PlanProblem { cell?: string | null; code: string; rule?: string | null; message: string; severity: string }
export interface PlanRow {
  row: number; kind: 'heading' | 'item' | 'skip' | 'drop'; level?: number | null; code?: string | null; description?: string | null
  unit?: string | null; quantity?: string | null; rate?: string | null; action: 'add' | 'change' | 'same' | 'drop' | 'skip'
  changes?: { field: string; before?: string | null; after?: string | null }[] | null; problems: PlanProblem[]
}
export interface Plan {
  planId: string
  summary: { headings: number; items: number; added: number; changed: number; unchanged: number; dropped: number; problems: number; total: Decimal }
  unknownUnits: { unit: string; count: number; suggest?: string | null }[]; rows: PlanRow[]; problems: PlanProblem[]
}
export interface Job {
  id: string; kind: string; state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'; done: number; total: number
  message?: string | null; result?: unknown; error?: Problem | null; createdAt?: string | null
}
export interface Rule {
  id: string; title: string; code: string; module: string; kind: 'block' | 'acknowledge' | 'invariant'; trigger: string
  explanation: string; enforced: boolean
}

export type LiveClientMessage =
  | { type: 'subscribe'; estimateId: string; fromLsn?: Lsn }
  | { type: 'unsubscribe'; estimateId: string }
  | { type: 'pong' }
export interface LiveDelta {
  type: 'delta'; estimateId: string; lsn: Lsn; actor: { id: string; name: string }; origin?: string | null; label: string
  rows: Row[]; removed: string[]; structure: boolean; reload: boolean; totals: Totals; worksheets: string[]
}
export type LiveServerMessage =
  | { type: 'hello'; heartbeatSeconds: number; lsn: Lsn }
  | { type: 'subscribed'; estimateId: string; lsn: Lsn; mode: 'current' | 'catch-up' | 'reload' }
  | LiveDelta
  | { type: 'library'; lsn: Lsn; changed: { entity: string; id: string }[] }
  | { type: 'presence'; estimateId: string; users: { id: string; name: string }[] }
  | { type: 'ping' }
  | { type: 'bye'; reason: string }
