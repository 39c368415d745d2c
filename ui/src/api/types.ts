/**
 * Names of the API's types as the screens use them. Everything comes from `schema.ts`, which
 * `npm run api` generates from the server's own OpenAPI document: a drift is a compile error.
 */
import type { components } from './schema'

type Schemas = components['schemas']

/** A decimal number as text; never a float. */
export type Decimal = string
/** Number of a commit. */
export type Lsn = number

export interface Page<T> { items: T[]; nextCursor?: string | null; total?: number | null }

export type Role = Schemas['Role']
export type User = Schemas['User']
export type Organisation = Schemas['Organisation']
export type Session = Schemas['Session']
export type Violation = Schemas['Violation']
export type Problem = Omit<Schemas['Problem'], 'current'> & { current?: unknown }

export type Unit = Schemas['Unit']
export type Conversion = Schemas['Conversion']
export type Units = Schemas['Units']

export type ResourceType = Schemas['CostType']
export type ByType = Schemas['ByType']
export type ItemType = Schemas['ItemType']
export type ItemStatus = Schemas['ItemStatus']
export type TenderState = Schemas['TenderState']
export type FormOfContract = Schemas['FormOfContract']
export type EstimateState = Schemas['EstimateState']

export type EstimateSummary = Schemas['EstimateSummary']
export type TenderInput = Schemas['TenderInput']
export type Tender = Schemas['Tender']
export type TenderValue = Schemas['TenderValue']
export type Variable = Schemas['Variable']
export type Block = Schemas['Block']
export type FormulaError = Schemas['FormulaError']
export type Totals = Schemas['Totals']
export type Estimate = Schemas['Estimate']

export type Row = Schemas['Row']
export type RowPrice = Schemas['RowPrice']
export type PastRates = Schemas['PastRates']
export type Prices = Schemas['Prices']
export type RowsWindow = Schemas['RowsWindow']
/** Which nodes are open: those above the level, inverted for the exceptions. */
export interface TreeView {
  expandLevel: number
  toggled: string[]
  /** Only items that carry all of these options of categorisations, with what is around them. */
  options?: string[]
}
export type Located = Schemas['Located']
export type SearchHit = Schemas['SearchHit']

export type Place = Schemas['Place']
export type Edit = Schemas['Edit']
export type ItemFields = Schemas['ItemFields']
export type HeadingFields = Schemas['HeadingFields']
export type LineMethod = Schemas['MethodName']
export type LineFields = Schemas['LineFields']
export type Leaf = Schemas['Leaf']
export type Line = Schemas['Line']
export type Worksheet = Schemas['Worksheet']

export type UndoStep = Schemas['UndoStep']
export type UndoState = Schemas['UndoState']
export type EditResult = Schemas['EditResult']
export type FormulaCheck = Schemas['FormulaValue']
export type FormulaName = Schemas['FormulaName']
export type RepriceLine = Schemas['RepriceLine']
export type Reprice = Schemas['Reprice']
export type Check = Schemas['Check']
export type Checks = Schemas['Checks']
export type Warning = Schemas['Warning']
export type Moment = Schemas['Moment']
export type Moments = Schemas['Moments']
export type HistoryEntry = Schemas['HistoryEntry']

export type RecipeUpgrade = Schemas['RecipeUpgradePreview']
export type PriceBook = Schemas['PriceBook']
export type PriceBookKind = Schemas['PriceBookKind']
export type PriceBookComparison = Schemas['PriceBookComparison']
export type RateImport = Schemas['RateImport']
export type RateEntry = Schemas['RateEntry']
export type RateEntryInput = Schemas['RateEntryInput']
export type VersionRates = Schemas['VersionRates']
export type ResourceInput = Schemas['ResourceInput']
export type Resource = Schemas['Resource']
export type Usage = Schemas['Usage']

export type CompanyRoles = Schemas['CompanyRoles']
export type CompanyFields = Schemas['CompanyFields']
export type Company = Schemas['Company']
export type CompanyUse = Schemas['CompanyUse']

/** A parameter always has its name; the document leaves it open because a form may send none. */
export type RecipeParam = Schemas['ParameterInput'] & { name: string }
export type RecipeLineInput = Schemas['RecipeLineInput']
export type RecipeInput = Schemas['RecipeInput']
export type RecipeLine = Schemas['RecipeLine']
export type RecipeSummary = Schemas['RecipeSummary']
export type Recipe = Omit<Schemas['Recipe'], 'params'> & { params: RecipeParam[] }
export type RecipePreview = Schemas['RecipePreview']
export type CatalogueEntry = Schemas['CatalogueEntry']

export type ImportSheet = Schemas['ImportSheet']
export type Import = Schemas['Import']
export type SheetCell = Schemas['SheetCell']
export type ColumnRole = keyof Schemas['LayoutColumns']
export type Layout = Schemas['Layout']
export type SheetWindow = Schemas['SheetWindow']
export type PlanProblem = Schemas['PlanProblem']
export type PlanRow = Schemas['PlanRow']
export type Plan = Schemas['Plan']
export type Job = Schemas['Job']
export type Rule = Schemas['Rule']

export type CommercialRule = Schemas['CommercialRule']
export type CommercialRuleFields = Schemas['CommercialRuleFields']
export type Content = Schemas['Content']
export type ContentBlock = Schemas['ContentBlock']
export type ContentKindInfo = Schemas['ContentKindInfo']
export type OwnContentKind = Schemas['OwnContentKind']
export type VaultDrill = Schemas['VaultDrill']
export type VaultStatus = Schemas['VaultStatus']
export type ContentKindFields = Schemas['ContentKindFields']
export type CategoryReport = Schemas['CategoryReport']
export type Commercials = Schemas['Commercials']
export type Price = Schemas['Price']
export type ItemPrice = Schemas['ItemPrice']
export type RuleKindInput = Schemas['RuleKindInput']
export type RuleBaseInput = Schemas['RuleBaseInput']
export type RuleScopeInput = Schemas['RuleScopeInput']
export type WithinInput = Schemas['WithinInput']
export type RateTierInput = Schemas['RateTierInput']
export type Nature = Schemas['Nature']

export type PackageEdit = Schemas['PackageEdit']
export type PackageFields = Schemas['PackageFields']
export type QuoteFields = Schemas['QuoteFields']
export type QuoteLineInput = Schemas['QuoteLineInput']
export type PackageSummary = Schemas['PackageSummary']
export type PackageList = Schemas['PackageList']
export type PackageDetail = Schemas['PackageDetail']
export type PackageMember = Schemas['PackageMember']
export type CompanyQuote = Schemas['CompanyQuote']
export type QuoteRead = Schemas['QuoteRead']
export type AwardEffect = Schemas['AwardEffect']
export type Submission = Schemas['Submission']
export type SubmissionCheck = Schemas['SubmissionCheck']
export type Categorisation = Schemas['Categorisation']
export type CategorisationFields = Schemas['CategorisationFields']
export type LabelledKind = Schemas['LabelledKind']
export type RowLabels = Schemas['RowLabels']
export type Branding = Schemas['Branding']
export type BrandingInput = Schemas['BrandingInput']
export type ScheduleColumns = Schemas['ScheduleColumns']
export type SubmissionFinding = Schemas['SubmissionFinding']
export type ScheduleRow = Schemas['ScheduleRow']
export type Comparison = Schemas['Comparison']
export type ComparedItem = Schemas['ComparedItem']
export type Handover = Schemas['Handover']
export type Handovers = Schemas['Handovers']
export type NoticeState = Schemas['NoticeState']
export type OutcomeReason = Schemas['OutcomeReason']

export type LiveClientMessage = Schemas['LiveClientMessage']
export type LiveServerMessage = Schemas['LiveServerMessage']
export type LiveLease = Schemas['LiveLease']
export type LivePlace = Schemas['LivePlace']
export type LivePresence = Schemas['LivePresence']
export type Comment = Schemas['Comment']
export type Comments = Schemas['Comments']
export type Inbox = Schemas['Inbox']
export type AppNotification = Schemas['Notification']
export type AuditEntry = Schemas['AuditEntry']
export type AuditRow = Schemas['AuditRow']
export type AuditPage = Schemas['AuditPage']
export type AuditSeal = Schemas['AuditSeal']
export type LiveDelta = Extract<LiveServerMessage, { type: 'delta' }>
