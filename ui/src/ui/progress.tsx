import { count } from './words'

/** How far a piece of work is; without a total it only says that it goes on. */
export function ProgressBar({ label, done, total }: { label: string; done: number; total: number }) {
  const known = total > 0
  const percent = known ? Math.min(100, Math.floor((done * 100) / total)) : 0
  return (
    <span className="flex items-center gap-2">
      <span
        role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} {...(known ? { 'aria-valuenow': percent, 'aria-valuetext': `${percent} %` } : {})}
        className="block h-1.5 min-w-24 flex-1 overflow-hidden rounded-full bg-line"
      >
        <span className={known ? 'block h-full rounded-full bg-acc transition-[width]' : 'shimmer block h-full w-full bg-acc/50'} style={known ? { width: `${percent}%` } : undefined} />
      </span>
      <span className="text-xs whitespace-nowrap text-ink2">{known ? `${percent} % of ${count(total, 'row')}` : 'Working'}</span>
    </span>
  )
}
