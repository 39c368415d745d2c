import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Skeleton, TypeDot } from '~/ui/bits'
import { Button } from '~/ui/button'
import { formatMoney, formatQuantity, formatRate } from '~/ui/decimal'
import { ProblemPanel } from '~/ui/problem'
import { unitText } from '~/ui/words'
import { useEstimateSession } from '../model/context'
import { worksheetQuery } from '../model/session'
import { useWorkspace } from '../model/workspace-context'
import { lineName, lineQuantityText, workingOf } from '../worksheet/methods'

/** How the selected item was priced then. */
export function PastWorksheet({ canEdit, busy, onCopyBack }: { canEdit: boolean; busy: boolean; onCopyBack: (itemId: string, name: string) => void }) {
  const session = useEstimateSession()
  const workspace = useWorkspace()
  const row = workspace.activeRow
  const own = row?.kind === 'item' && !row.hasChildren
  const query = useQuery({ ...worksheetQuery(session.estimateId, row?.id ?? '', session.asOf), enabled: own, placeholderData: keepPreviousData })
  if (!row || row.kind === 'heading') return <p className="px-6 py-12 text-center text-ink2">Choose an item to see how it was priced.</p>
  if (!own) return <p className="px-6 py-12 text-center text-ink2">This item is the sum of its sub-items. Choose one to see how it was priced.</p>
  if (query.isError) return <ProblemPanel error={query.error} retry={() => void query.refetch()} />
  const sheet = query.data?.itemId === row.id ? query.data : undefined
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <header className="shrink-0 border-b border-line px-4 py-3">
        <h2 className="truncate font-semibold" title={row.description}>{row.code && `${row.code} · `}{row.description}</h2>
        <p className="mt-0.5 text-xs text-ink2">
          {row.quantity == null ? '–' : formatQuantity(row.quantity)} {unitText(row.unit)} × {formatRate(row.costRate) || '–'} = <b className="text-ink">{formatMoney(row.cost)}</b>
        </p>
        {canEdit && <Button className="mt-2" icon="copy" busy={busy} onClick={() => onCopyBack(row.id, row.code || row.description)}>Copy this worksheet back</Button>}
      </header>
      {!sheet ? <div className="grid gap-2 p-4">{[0, 1, 2].map((at) => <Skeleton key={at} className="h-7" />)}</div> : (
        <ul aria-label="Lines of the worksheet" className="min-h-0 flex-1 overflow-y-auto">
          {sheet.lines.length === 0 && <li className="px-4 py-8 text-center text-ink2">There were no lines.</li>}
          {sheet.lines.map((line) => {
            const { code, name } = lineName(line)
            return (
              <li key={line.id} className="border-b border-line2 px-4 py-1.5">
                <div className="flex items-center gap-1.5">
                  {line.type && <TypeDot type={line.type} />}
                  <span className="min-w-0 flex-1 truncate" title={`${code} ${name}`.trim()}>{code && <b className="font-semibold">{code}</b>} {name}</span>
                  <span className="tabular-nums">{formatMoney(line.cost)}</span>
                </div>
                <div className="flex gap-2 text-xs text-ink2">
                  <span className="min-w-0 flex-1 truncate" title={workingOf(line)}>{workingOf(line)}</span>
                  <span className="whitespace-nowrap">{lineQuantityText(line)} {unitText(line.unit)}{line.rate != null && ` × ${formatRate(line.rate)}`}</span>
                </div>
              </li>
            )
          })}
        </ul>
      )}
    </div>
  )
}
