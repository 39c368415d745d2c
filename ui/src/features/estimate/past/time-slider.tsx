import { type KeyboardEvent, useEffect, useRef } from 'react'
import type { Moment } from '~/api/types'
import { formatMoment } from '~/ui/dates'
import { dayStarts, stepDay } from './moments'

/** Width of the thumb: marks stand where its middle goes, px. */
const THUMB_PX = 16
/** Day names closer than this share of the slider to the one before are left out. */
const DAY_SHARE_MIN = 0.11

/** One step for each commit, with marks where days begin. Arrows go by commit, Page keys by day. */
export function TimeSlider({ moments, index, onIndex }: { moments: readonly Moment[]; index: number; onIndex: (index: number) => void }) {
  const input = useRef<HTMLInputElement>(null)
  const last = Math.max(1, moments.length - 1)
  const moment = moments[index]
  useEffect(() => { input.current?.focus({ preventScroll: true }) }, [])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'PageUp' && event.key !== 'PageDown') return
    event.preventDefault()
    onIndex(stepDay(moments, index, event.key === 'PageDown' ? -1 : 1))
  }
  let named = -1
  return (
    <div className="relative min-w-48 flex-1 pb-4">
      <input
        ref={input} type="range" min={0} max={moments.length - 1} step={1} value={index} aria-label="Moment"
        aria-valuetext={moment ? `${formatMoment(moment.at)}, ${moment.actor.name}: ${moment.label}` : undefined}
        className="m-0 block h-5 w-full cursor-pointer accent-acc" onKeyDown={onKeyDown} onChange={(event) => onIndex(event.target.valueAsNumber)}
      />
      <div aria-hidden="true" className="pointer-events-none absolute inset-x-0 bottom-0 h-5 overflow-hidden">
        {dayStarts(moments).map(({ day, index: at }) => {
          const share = at / last
          const shown = named < 0 || share - named >= DAY_SHARE_MIN
          if (shown) named = share
          return (
            <span key={at} className="absolute top-0 h-1.5 border-l border-ink3 text-2xs leading-4 whitespace-nowrap text-ink3" style={{ left: `calc(${THUMB_PX / 2}px + (100% - ${THUMB_PX}px) * ${share})` }}>
              {shown && share <= 1 - DAY_SHARE_MIN / 2 && <span className="absolute top-1 left-1">{day.replace(/ \d{4}$/, '')}</span>}
            </span>
          )
        })}
      </div>
    </div>
  )
}
