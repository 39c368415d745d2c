import { Link } from '@tanstack/react-router'
import type { Plan } from '~/api/types'
import { cx } from '~/ui/cx'
import { Icon } from '~/ui/icons'
import { groupProblems } from '../model/mapping'

const CELLS_SHOWN = 6

/** Problems by kind, with the rule and the cells they are in. */
export function ProblemList({ plan }: { plan: Plan }) {
  const groups = groupProblems(plan.problems)
  if (groups.length === 0) return null
  return (
    <ul aria-label="Problems" className="max-h-40 shrink-0 overflow-y-auto border-y border-line bg-pane">
      {groups.map((group) => (
        <li key={`${group.code}${group.error}`} className="flex items-start gap-2 border-b border-line2 px-4 py-1.5 last:border-0">
          <Icon name={group.error ? 'warning' : 'info'} size={14} className={cx('mt-0.5 shrink-0', group.error ? 'text-bad' : 'text-warn')} />
          <span className="min-w-0 flex-1">
            <b className="font-medium">{group.count.toLocaleString('en-NZ')} ×</b> {group.message}
            {group.cells.length > 0 && <span className="text-ink3"> {group.cells.slice(0, CELLS_SHOWN).join(', ')}{group.cells.length > CELLS_SHOWN && ` and ${(group.cells.length - CELLS_SHOWN).toLocaleString('en-NZ')} more`}</span>}
          </span>
          {group.rule && <Link to="/rules" hash={group.rule} className="text-acc underline underline-offset-2">{group.rule}</Link>}
          <span className={cx('text-xs whitespace-nowrap', group.error ? 'text-bad' : 'text-ink2')}>{group.error ? 'Stops the import' : 'Worth a look'}</span>
        </li>
      ))}
    </ul>
  )
}
