import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Moment } from '~/api/types'
import { Avatar } from '~/ui/bits'
import { Button } from '~/ui/button'
import { formatDayTime, formatFull } from '~/ui/dates'
import { Drawer } from '~/ui/drawer'
import { count } from '~/ui/words'
import type { Left } from './model/left'
import { useWorkspace } from './model/workspace-context'
import { momentsQuery } from './past/moments'

/** What others changed since this person last left the estimate, by person, with the way to each row. */
export default function SinceYouLeft({ since }: { since: Left }) {
  const workspace = useWorkspace()
  const { estimateId, userId } = workspace.session
  const [shut, setShut] = useState(false)
  const [open, setOpen] = useState(false)
  // Read once: what comes after this is seen as it happens.
  const { data } = useInfiniteQuery({ ...momentsQuery(estimateId), enabled: !shut })
  const [until] = useState(() => Date.now())
  const changes = (data?.pages ?? []).flatMap((page) => page.items)
    .filter((moment) => moment.lsn > since.lsn && moment.actor.id !== userId && new Date(moment.at).getTime() <= until)
  if (shut || changes.length === 0) return null
  const people = byPerson(changes)
  const names = people.map(([, { name }]) => name)
  const who = names.length > 3 ? `${names.slice(0, 2).join(', ')} and ${names.length - 2} more` : names.join(' and ')
  return (
    <>
      <div role="status" className="flex shrink-0 items-center gap-2 border-b border-line bg-acc2 px-4 py-1 text-xs">
        <span className="min-w-0 flex-1 truncate"><b className="font-medium">{count(changes.length, 'change')}</b> by {who} since you left, <time dateTime={since.at}>{formatDayTime(since.at)}</time></span>
        <Button look="plain" onClick={() => setOpen(true)}>Show</Button>
        <Button look="plain" onClick={() => setShut(true)}>Dismiss</Button>
      </div>
      {open && <Drawer onClose={() => setOpen(false)} title="Since you left">
        <div className="grid gap-5 p-4">
          {people.map(([id, { name, moments }]) => (
            <section key={id} aria-label={name}>
              <h3 className="flex items-center gap-2 font-semibold"><Avatar id={id} name={name} size={22} />{name}<span className="font-normal text-ink3">{count(moments.length, 'change')}</span></h3>
              <ul className="mt-1 border-t border-line2">
                {moments.map((moment) => (
                  <li key={moment.lsn} className="flex items-baseline gap-3 border-b border-line2 py-1">
                    <span className="min-w-0 flex-1">{moment.label}{moment.rows > 1 && <span className="text-ink3"> · {count(moment.rows, 'row')}</span>}</span>
                    <time dateTime={moment.at} title={formatFull(moment.at)} className="text-xs text-ink3">{formatDayTime(moment.at)}</time>
                    {moment.rowId
                      ? <Button look="plain" onClick={() => { setOpen(false); if (moment.rowId) void workspace.goTo(moment.rowId) }}>Go there</Button>
                      : <span className="w-16" />}
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </div>
      </Drawer>}
    </>
  )
}

function byPerson(moments: readonly Moment[]): [string, { name: string; moments: Moment[] }][] {
  const people = new Map<string, { name: string; moments: Moment[] }>()
  for (const moment of moments) {
    const known = people.get(moment.actor.id)
    if (known) known.moments.push(moment)
    else people.set(moment.actor.id, { name: moment.actor.name, moments: [moment] })
  }
  return [...people]
}
