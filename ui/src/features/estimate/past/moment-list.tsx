import { useEffect, useRef } from 'react'
import type { Moment } from '~/api/types'
import { useMay } from '~/app/rights'
import { Avatar } from '~/ui/bits'
import { Button } from '~/ui/button'
import { cx } from '~/ui/cx'
import { formatMoney } from '~/ui/decimal'
import { formatFull, formatTime } from '~/ui/dates'
import { count } from '~/ui/words'
import { byDay } from './moments'

/** Commits that formed the price: who could make them can take them back (BR-115). */
const OF_THE_PRICE = new Set(['add-rule', 'update-rule', 'delete-rules', 'move-rule', 'update-terms', 'acknowledge', 'withdraw-acknowledgement', 'award', 'transfer-award', 'reopen-package', 'cancel-package'])

/** Who did what, by day, newest first; the one shown can be taken back. */
export function MomentList({ moments, lsn, canEdit, busy, older, loadingOlder, onShow, onTakeBack, onOlder }: {
  moments: readonly Moment[]; lsn: number; canEdit: boolean; busy: boolean; older: boolean; loadingOlder: boolean
  onShow: (lsn: number) => void; onTakeBack: (moment: Moment) => void; onOlder: () => void
}) {
  const current = useRef<HTMLLIElement>(null)
  const decides = useMay('decide')
  useEffect(() => { current.current?.scrollIntoView({ block: 'nearest' }) }, [lsn])
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      {byDay(moments).map((day) => (
        <section key={day.day} aria-label={day.day}>
          <h2 className="sticky top-0 z-10 border-b border-line bg-bg px-4 py-1 text-xs font-semibold text-ink2">{day.day}</h2>
          <ol>
            {day.moments.map((moment) => {
              const here = moment.lsn === lsn
              return (
                <li key={moment.lsn} ref={here ? current : undefined} className={cx('border-b border-line2', here && 'bg-acc2')}>
                  <button
                    type="button" aria-current={here ? 'true' : undefined} onClick={() => onShow(moment.lsn)}
                    className="flex w-full gap-2.5 px-4 py-2 text-left -outline-offset-2! hover:bg-line2"
                  >
                    <Avatar id={moment.actor.id} name={moment.actor.name} size={22} />
                    <span className="min-w-0 flex-1">
                      <span className="flex items-baseline gap-2">
                        <span className="truncate font-medium">{moment.actor.name}</span>
                        <time dateTime={moment.at} title={formatFull(moment.at)} className="text-xs whitespace-nowrap text-ink2">{formatTime(moment.at)}</time>
                        <span className="ml-auto font-mono text-2xs text-ink2">#{moment.lsn}</span>
                      </span>
                      <span className="block wrap-anywhere text-ink2">{moment.label || moment.command}</span>
                      <span className="flex justify-between text-xs text-ink2">
                        <span>{count(moment.rows, 'row')}</span>
                        {moment.direct != null && <span className="tabular-nums" title="Direct cost after it">{formatMoney(moment.direct)}</span>}
                      </span>
                    </span>
                  </button>
                  {here && moment.reversible && canEdit && (decides || !OF_THE_PRICE.has(moment.command)) && (
                    <div className="px-4 pb-2 pl-[46px]"><Button icon="undo" busy={busy} onClick={() => onTakeBack(moment)}>Take this back</Button></div>
                  )}
                </li>
              )
            })}
          </ol>
        </section>
      ))}
      {older && <div className="p-3 text-center"><Button busy={loadingOlder} onClick={onOlder}>Earlier commits</Button></div>}
    </div>
  )
}
