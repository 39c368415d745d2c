import { Link } from '@tanstack/react-router'
import { Fragment, useState } from 'react'
import type { PlanRow } from '~/api/types'
import { Chip } from '~/ui/bits'
import { Button } from '~/ui/button'
import { cx } from '~/ui/cx'
import { formatQuantity, formatRate } from '~/ui/decimal'
import { unitText } from '~/ui/words'
import { isError } from '../model/mapping'

const STEP = 200

const ACTIONS: Record<PlanRow['action'], { label: string; look: 'plain' | 'accent' | 'warn' | 'good' }> = {
  add: { label: 'Add', look: 'good' }, change: { label: 'Change', look: 'accent' }, same: { label: 'Same', look: 'plain' }, drop: { label: 'Drop', look: 'warn' }, skip: { label: 'Left out', look: 'plain' },
}

/** Rows of the plan in the order of the sheet, each with its problems under it. */
export function PlanTable({ rows, loading, empty = 'No such rows.' }: { rows: PlanRow[]; loading: boolean; empty?: string }) {
  const [shown, setShown] = useState(STEP)
  if (rows.length === 0) return <p className="p-8 text-center text-ink2">{loading ? 'Reading the rows…' : empty}</p>
  return (
    <>
      <table className="table">
        <thead><tr><th className="num w-14">Row</th><th className="w-20">Becomes</th><th className="w-20">Action</th><th className="w-28">Code</th><th>Description</th><th className="w-16">Unit</th><th className="num w-28">Quantity</th><th className="num w-28">Rate</th></tr></thead>
        <tbody>
          {rows.slice(0, shown).map((row, index) => (
            <Fragment key={index}>
              <tr className={cx((row.kind === 'skip' || row.kind === 'drop') && 'text-ink3')}>
                <td className="num text-ink3">{row.row || ''}</td>
                <td className="text-ink2">{row.kind === 'heading' ? 'Heading' : row.kind === 'item' ? 'Item' : ''}</td>
                <td><Chip look={ACTIONS[row.action].look}>{ACTIONS[row.action].label}</Chip></td>
                <td className="whitespace-nowrap">{row.code}</td>
                <td className={cx('max-w-0 truncate', row.kind === 'heading' && 'font-semibold')} title={row.description ?? ''} style={{ paddingLeft: 10 + Math.max(0, (row.level ?? 1) - 1) * 14 }}>{row.description}</td>
                <td>{unitText(row.unit)}</td>
                <td className="num">{formatQuantity(row.quantity)}</td>
                <td className="num">{formatRate(row.rate)}</td>
              </tr>
              {(row.problems.length > 0 || (row.changes?.length ?? 0) > 0) && (
                <tr>
                  <td />
                  <td colSpan={7} className="py-1">
                    {row.changes?.map((change) => <p key={change.field} className="text-ink2">{change.field}: <s className="text-ink3">{change.before ?? 'none'}</s> → {change.after ?? 'none'}</p>)}
                    {row.problems.map((problem, at) => (
                      <p key={at} className={isError(problem) ? 'text-bad' : 'text-warn'}>
                        {problem.cell && <b className="font-medium">{problem.cell} </b>}{problem.message}
                        {problem.rule && <> <Link to="/rules" hash={problem.rule} className="underline underline-offset-2">{problem.rule}</Link></>}
                      </p>
                    ))}
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
      {rows.length > shown && <div className="p-3 text-center"><Button onClick={() => setShown(shown + STEP)}>Show {Math.min(STEP, rows.length - shown).toLocaleString('en-NZ')} more of {rows.length.toLocaleString('en-NZ')}</Button></div>}
    </>
  )
}
