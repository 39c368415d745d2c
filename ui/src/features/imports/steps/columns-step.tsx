import { useQuery } from '@tanstack/react-query'
import type { Dispatch } from 'react'
import type { ColumnRole, ResourceType } from '~/api/types'
import { Chip, Skeleton } from '~/ui/bits'
import { cx } from '~/ui/cx'
import { formatMoney, isZeroDecimal } from '~/ui/decimal'
import { Field, Select } from '~/ui/form'
import { ProblemPanel } from '~/ui/problem'
import { RESOURCE_TYPES, TYPE_NAMES, count } from '~/ui/words'
import { CellGrid } from '../cell-grid'
import { HIERARCHIES, type Layout, ROLES, ROLE_LABELS, columnLetter, planRequest, roleOf } from '../model/mapping'
import { type ImportMode, type Wizard, type WizardAction, missing } from '../model/wizard'
import { SAMPLE_ROWS, SHEET_ROWS, estimateQuery, planQuery, sheetQuery, topHeadingsQuery } from '../queries'
import { Filters } from './filters'

/** What each column holds, how rows nest, which rows are read and where they go. */
export function ColumnsStep({ state, send, estimateId }: { state: Wizard; send: Dispatch<WizardAction>; estimateId: string }) {
  const { file, layout } = state
  // The rows read for the sheet step nearly always reach far enough.
  const headerRow = layout?.headerRow ?? 0
  const offset = headerRow + SAMPLE_ROWS <= SHEET_ROWS ? 0 : headerRow
  const sample = useQuery({
    ...sheetQuery(file?.id ?? '', state.sheet, state.headerRow, offset, SHEET_ROWS), enabled: file !== null && layout !== null,
    select: (window) => ({ ...window, cells: window.cells.slice(headerRow - offset, headerRow - offset + SAMPLE_ROWS) }),
  })
  if (!file || !layout) return null
  const names = (sample.data?.cells[0] ?? []).map((cell) => cell.v ?? '')
  return (
    <>
      <div className="grid gap-x-8 gap-y-4 px-4 py-3 lg:grid-cols-[1fr_1.5fr_1.1fr]">
        <Reading layout={layout} send={send} />
        <div>
          <Filters importId={file.id} layout={layout} names={names} send={send} />
          <Passing state={state} estimateId={estimateId} />
        </div>
        <Target state={state} send={send} estimateId={estimateId} />
      </div>
      <div className="flex items-center gap-2 px-4 pb-2">
        <h3 className="font-semibold">What each column holds</h3>
        {layout.remembered && <Chip look="accent">As in the last import with these headings</Chip>}
      </div>
      {sample.isError ? <ProblemPanel error={sample.error} retry={() => void sample.refetch()} /> : !sample.data ? <Skeleton className="m-4 h-40" /> : (
        <CellGrid
          label="Columns and first rows" cells={sample.data.cells} columns={sample.data.columns} offset={layout.headerRow} headerRow={layout.headerRow}
          used={(column) => roleOf(layout.columns, column) !== null} figures={(column) => FIGURE_ROLES.includes(roleOf(layout.columns, column))}
          head={(column) => (
            <span className="flex items-center gap-1.5">
              <span>{columnLetter(column)}</span>
              <select
                aria-label={`Column ${columnLetter(column)}${names[column] ? ` “${names[column]}”` : ''} holds`} value={roleOf(layout.columns, column) ?? ''}
                onChange={(event) => send({ type: 'role', column, role: (event.target.value || null) as ColumnRole | null })}
                className="field h-6! w-auto! min-w-24 pl-1! pr-5! text-xs font-normal"
              >
                <option value="">Not used</option>
                {ROLES.map((role) => <option key={role} value={role}>{ROLE_LABELS[role]}</option>)}
              </select>
            </span>
          )}
        />
      )}
    </>
  )
}

const FIGURE_ROLES: readonly (ColumnRole | null)[] = ['quantity', 'rate', 'amount']

/** What the columns and filters chosen so far would import, so that a contract and a bidder that do not meet are seen here. */
function Passing({ state, estimateId }: { state: Wizard; estimateId: string }) {
  const ready = missing(state).length === 0
  const plan = useQuery({ ...planQuery(state.file?.id ?? '', ready ? planRequest(state, estimateId) : null), enabled: ready })
  if (!ready || plan.isError) return null
  const summary = plan.data?.summary
  const none = summary?.items === 0 && summary.headings === 0
  return (
    <p role="status" className={cx('mt-2', none ? 'text-warn' : 'text-ink2')}>
      {!summary ? 'Counting the rows…' : none
        ? (state.layout?.filters.length ?? 0) > 1 ? 'No row has these values together: choose another value.' : 'No row is read: look at the heading row and the columns.'
        : `${count(summary.items, 'item')}${isZeroDecimal(summary.total) ? '' : ` for ${formatMoney(summary.total)}`}`}
    </p>
  )
}

function Reading({ layout, send }: { layout: Layout; send: Dispatch<WizardAction> }) {
  return (
    <section aria-labelledby="nesting">
      <h3 id="nesting" className="mb-2 font-semibold">How rows nest</h3>
      <Field label="Headings" hint={HIERARCHIES[layout.hierarchy].says}>
        <Select value={layout.hierarchy} onChange={(event) => send({ type: 'hierarchy', hierarchy: event.target.value as Layout['hierarchy'] })}>
          {Object.entries(HIERARCHIES).map(([value, { label }]) => <option key={value} value={value}>{label}</option>)}
        </Select>
      </Field>
    </section>
  )
}

const MODES: Record<ImportMode, { label: string; says: string }> = {
  append: { label: 'Add every row', says: 'What is in the estimate stays as it is.' },
  'replace-empty': { label: 'Fill the empty estimate', says: 'Only for an estimate without rows.' },
  reimport: { label: 'Import again over the rows there', says: 'Rows are matched by code: new ones are added, changed ones updated, dropped ones made inactive. Worksheets stay.' },
}

function Target({ state, send, estimateId }: { state: Wizard; send: Dispatch<WizardAction>; estimateId: string }) {
  const estimate = useQuery(estimateQuery(estimateId))
  const headings = useQuery(topHeadingsQuery(estimateId))
  const totals = estimate.data?.totals
  const empty = totals !== undefined && totals.items + totals.headings === 0
  const modes: ImportMode[] = empty ? ['append'] : ['append', 'reimport']
  return (
    <section aria-labelledby="target" className="grid content-start gap-2">
      <h3 id="target" className="font-semibold">Into the estimate</h3>
      <Field label="Rows" hint={MODES[state.mode].says}>
        <Select value={state.mode} onChange={(event) => send({ type: 'options', set: { mode: event.target.value as ImportMode } })}>
          {modes.map((mode) => <option key={mode} value={mode}>{MODES[mode].label}</option>)}
        </Select>
      </Field>
      {state.mode === 'append' && (headings.data?.length ?? 0) > 0 && (
        <Field label="Under">
          <Select value={state.parentId ?? ''} onChange={(event) => send({ type: 'options', set: { parentId: event.target.value || null } })}>
            <option value="">The top of the estimate</option>
            {headings.data?.map((row) => <option key={row.id} value={row.id}>{`${row.code} ${row.description}`.trim()}</option>)}
          </Select>
        </Field>
      )}
      {state.layout?.columns.rate != null && (
        <div className="grid grid-cols-2 items-end gap-2">
          <Field label="Rates of the file">
            <Select value={state.rateAs} onChange={(event) => send({ type: 'options', set: { rateAs: event.target.value as 'plug' | 'ignore' } })}>
              <option value="plug">Become plug rates</option>
              <option value="ignore">Are ignored</option>
            </Select>
          </Field>
          {state.rateAs === 'plug' && (
            <Field label="Cost type of the plugs">
              <Select value={state.plugType} onChange={(event) => send({ type: 'options', set: { plugType: event.target.value as ResourceType } })}>
                {RESOURCE_TYPES.map((type) => <option key={type} value={type}>{TYPE_NAMES[type]}</option>)}
              </Select>
            </Field>
          )}
        </div>
      )}
    </section>
  )
}
