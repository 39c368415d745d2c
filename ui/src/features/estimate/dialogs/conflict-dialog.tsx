import { Button } from '~/ui/button'
import { formatQuantity, isDecimal } from '~/ui/decimal'
import { Dialog } from '~/ui/dialog'
import { COLUMNS } from '../columns'
import { useEstimateSession } from '../model/context'

function words(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'nothing'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'string') return isDecimal(value) ? formatQuantity(value, 6) : value
  return JSON.stringify(value)
}

/** Two people changed the same: both sides, and whose stands. What was typed after it waits. */
export default function ConflictDialog() {
  const session = useEstimateSession()
  const { conflict } = session
  if (!conflict) return null
  const { row, clashes, decide } = conflict
  return (
    <Dialog
      open onOpenChange={(open) => { if (!open) decide('undecided') }}
      title={`Somebody else changed ${row.code || row.description || 'this row'} meanwhile`}
      description="Nothing of yours has been saved over theirs. Choose which stands; the other stays in the history."
      footer={<><Button onClick={() => decide('theirs')}>Keep theirs</Button><Button look="primary" onClick={() => decide('mine')}>Put mine in</Button></>}
    >
      <div className="-mx-4 overflow-auto">
        <table className="table">
          <thead><tr><th>Field</th><th>Yours</th><th>Theirs</th></tr></thead>
          <tbody>
            {clashes.map(({ field, mine, theirs }) => (
              <tr key={field}>
                <th scope="row" className="text-[0.8125rem] font-normal text-ink2">{COLUMNS.find((column) => column.id === field)?.label ?? field}</th>
                <td className="font-medium">{words(mine)}</td><td>{words(theirs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Dialog>
  )
}
