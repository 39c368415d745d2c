import { count } from './words'

export interface ProgressBarProps {
  label: string
  done: number
  total: number
  /** What is counted. Stages say which one is at work: they are not equally long. */
  unit?: 'row' | 'stage' | 'estimate' | 'commit'
}

/** How far a piece of work is; without a total it only says that it goes on. */
export function ProgressBar({ label, done, total, unit = 'row' }: ProgressBarProps) {
  const known = total > 0
  const percent = known ? Math.min(100, Math.floor((done * 100) / total)) : 0
  const words = !known ? 'Working'
    : unit === 'stage' ? `Stage ${Math.min(done + 1, total).toLocaleString('en-NZ')} of ${total.toLocaleString('en-NZ')}`
    : unit === 'estimate' ? `${done.toLocaleString('en-NZ')} of ${count(total, 'estimate')}`
    : `${percent} % of ${count(total, unit === 'commit' ? 'commit' : 'row')}`
  return (
    <span className="flex items-center gap-2">
      <span
        role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} {...(known ? { 'aria-valuenow': percent, 'aria-valuetext': words } : {})}
        className="block h-1.5 min-w-24 flex-1 overflow-hidden rounded-full bg-line"
      >
        <span className={known ? 'block h-full rounded-full bg-acc transition-[width]' : 'shimmer block h-full w-full bg-acc/50'} style={known ? { width: `${percent}%` } : undefined} />
      </span>
      <span className="text-xs whitespace-nowrap text-ink2">{words}</span>
    </span>
  )
}
