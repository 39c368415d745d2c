import type { UseQueryResult } from '@tanstack/react-query'
import type { Dispatch } from 'react'
import type { SheetWindow } from '~/api/types'
import { Skeleton } from '~/ui/bits'
import { Field, Select, TextInput } from '~/ui/form'
import { ProblemPanel } from '~/ui/problem'
import { whole } from '~/ui/whole'
import { count } from '~/ui/words'
import { CellGrid } from '../cell-grid'
import type { Wizard, WizardAction } from '../model/wizard'

/** Which sheet, and which row names the columns; both guessed, both to correct. */
export function SheetStep({ state, send, sheet }: { state: Wizard; send: Dispatch<WizardAction>; sheet: UseQueryResult<SheetWindow> }) {
  const { file, layout } = state
  if (!file) return null
  const chosen = file.sheets.find((one) => one.index === state.sheet)
  const headerRow = layout?.headerRow ?? state.headerRow ?? 0
  const take = (input: HTMLInputElement) => {
    const row = whole(input.value)
    if (Number.isInteger(row) && row >= 1 && row <= (chosen?.rows ?? 1)) send({ type: 'header-row', row: row - 1 })
    else input.value = String(headerRow + 1)
  }
  return (
    <>
      <div className="flex flex-wrap items-end gap-4 px-4 py-3">
        <Field label="Sheet" className="w-72">
          <Select value={state.sheet} onChange={(event) => send({ type: 'sheet', sheet: whole(event.target.value) })}>
            {file.sheets.map((one) => <option key={one.index} value={one.index}>{one.name} ({count(one.rows, 'row')})</option>)}
          </Select>
        </Field>
        <Field label="Row of the column headings" className="w-48">
          <TextInput
            key={headerRow} type="number" min={1} max={chosen?.rows ?? 1} defaultValue={headerRow + 1}
            onBlur={(event) => take(event.currentTarget)} onKeyDown={(event) => { if (event.key === 'Enter') take(event.currentTarget) }}
          />
        </Field>
        <p className="pb-1.5 text-ink2">{layout?.remembered ? 'A file with these headings was imported before; its layout is taken up again.' : 'Guessed. Correct it here, or by the number of the row.'}</p>
      </div>
      {sheet.isError ? <ProblemPanel error={sheet.error} retry={() => void sheet.refetch()} /> : !sheet.data ? (
        <div className="grid gap-2 p-4">{Array.from({ length: 8 }, (_, row) => <Skeleton key={row} className="h-5" />)}</div>
      ) : (
        <CellGrid
          label={`First rows of ${chosen?.name ?? 'the sheet'}`} cells={sheet.data.cells} columns={sheet.data.columns} offset={0} headerRow={headerRow}
          busy={sheet.isPlaceholderData} onRow={(row) => send({ type: 'header-row', row })}
        />
      )}
    </>
  )
}
