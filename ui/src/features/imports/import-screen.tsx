import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useReducer, useRef } from 'react'
import { Page } from '~/app/page'
import { Button } from '~/ui/button'
import { ProblemPanel } from '~/ui/problem'
import { isReadOnly, readOnlyWords, useRole } from '~/app/rights'
import { START, STEP_NAMES, canGo, missing, stepAfter, stepBefore, wizard } from './model/wizard'
import { estimateQuery, SHEET_ROWS, sheetQuery } from './queries'
import { Stepper } from './stepper'
import { ColumnsStep } from './steps/columns-step'
import { PreviewStep } from './steps/preview-step'
import { SheetStep } from './steps/sheet-step'
import { UnitsStep } from './steps/units-step'
import { UploadStep } from './steps/upload-step'

/** A client's schedule into an estimate, step by step; nothing is written before the last. */
export function ImportScreen({ estimateId }: { estimateId: string }) {
  const navigate = useNavigate()
  const role = useRole()
  const estimate = useQuery(estimateQuery(estimateId))
  const [state, send] = useReducer(wizard, START)
  const heading = useRef<HTMLHeadingElement>(null)
  const { step, file } = state

  const sheet = useQuery({ ...sheetQuery(file?.id ?? '', state.sheet, state.headerRow, 0, SHEET_ROWS), enabled: file !== null })
  useEffect(() => {
    if (sheet.data && !sheet.isPlaceholderData) send({ type: 'guessed', layout: sheet.data.guess })
  }, [sheet.data, sheet.isPlaceholderData])

  // The next step starts at its heading, for the keyboard and for a screen reader.
  const first = useRef(true)
  useEffect(() => {
    if (first.current) { first.current = false; return }
    heading.current?.focus()
  }, [step])

  const crumbs = [
    { label: 'Tenders', to: '/tenders' as const },
    ...(estimate.data ? [{ label: estimate.data.name || estimate.data.code, to: '/estimates/$estimateId' as const, params: { estimateId } }] : []),
  ]
  if (estimate.isError) return <Page title="Import" crumbs={crumbs}><ProblemPanel error={estimate.error} retry={() => void estimate.refetch()} /></Page>
  const frozen = estimate.data !== undefined && isReadOnly(estimate.data.state, role)
  const next = stepAfter(step)
  const before = stepBefore(step)
  const open = step === 'columns' ? missing(state) : []
  return (
    <Page
      title="Import" crumbs={crumbs} fixed
      actions={<Button onClick={() => void navigate({ to: '/estimates/$estimateId', params: { estimateId } })}>Leave</Button>}
      bar={<Stepper state={state} onStep={(to) => send({ type: 'go', step: to })} />}
    >
      <h2 ref={heading} tabIndex={-1} className="sr-only">{STEP_NAMES[step]}</h2>
      <div className="flex min-h-0 flex-1 flex-col overflow-auto">
        {frozen ? <p role="alert" className="p-6 text-ink2">{readOnlyWords(role)}</p> : (
          <>
            {step === 'upload' && <UploadStep state={state} send={send} />}
            {step === 'sheet' && <SheetStep state={state} send={send} sheet={sheet} />}
            {step === 'columns' && <ColumnsStep state={state} send={send} estimateId={estimateId} />}
            {step === 'units' && <UnitsStep state={state} send={send} estimateId={estimateId} />}
            {step === 'preview' && <PreviewStep state={state} send={send} estimateId={estimateId} />}
          </>
        )}
      </div>
      {step !== 'preview' && !frozen && (
        <div className="flex shrink-0 items-center gap-3 border-t border-line bg-pane px-4 py-2.5">
          {before && <Button onClick={() => send({ type: 'go', step: before })}>Back</Button>}
          <p role="status" className="flex-1 text-right text-warn">{open.join(' ')}</p>
          {next && <Button look="primary" disabled={!canGo(state, next)} onClick={() => send({ type: 'go', step: next })}>Next: {STEP_NAMES[next].toLowerCase()}</Button>}
        </div>
      )}
    </Page>
  )
}
