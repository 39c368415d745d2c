import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { EditResult } from '~/api/types'
import { IconButton } from '~/ui/button'
import { toast } from '~/ui/toast'
import { chordOf, commandFor } from './commands'
import { type EstimateSession, undoQuery } from './model/session'

export type Step = 'undo' | 'redo'

/** The last step asked for: the next one follows it, however fast the keys are pressed. */
let lastStep: Promise<void> = Promise.resolve()

/** Takes back, or does again, the person's last change of the estimate, and says so. */
export function stepBack(session: EstimateSession, which: Step): Promise<void> {
  lastStep = lastStep.then(() => step(session, which))
  return lastStep
}

async function step(session: EstimateSession, which: Step): Promise<void> {
  try {
    const result = await session[which]()
    toast.info(`${which === 'undo' ? 'Undone' : 'Done again'}: ${result.label.charAt(0).toLowerCase()}${result.label.slice(1)}`, { key: 'undo' })
  } catch (error) {
    toast.refused(which === 'undo' ? 'Undo' : 'Redo', error)
  }
}

/** Tells what was done, with the way back; where nothing was, Undo would take back other work. */
export function doneWithUndo(session: EstimateSession, title: string, { made }: Pick<EditResult, 'made'>): void {
  if (!made) return void toast.info('Nothing was changed: it was so already', { key: 'undo' })
  toast.done(title, { key: 'undo', action: { label: 'Undo', run: () => void stepBack(session, 'undo') } })
}

/** Ctrl+Z and Ctrl+Y on the screens of an estimate beside its grid, except while typing. */
export function useStepBackKeys(session: EstimateSession, readOnly: boolean): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || readOnly || event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return
      const command = commandFor(chordOf(event))
      if (command !== 'undo' && command !== 'redo') return
      event.preventDefault()
      void stepBack(session, command)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [session, readOnly])
}

/** Undo and redo, each saying what it would do. */
export function StepBackButtons({ session, readOnly, run = (which) => void stepBack(session, which) }: { session: EstimateSession; readOnly: boolean; run?: (which: Step) => void }) {
  const { data: steps } = useQuery(undoQuery(session.estimateId))
  const button = (which: Step, label: string, keys: string) => {
    const next = steps?.[which]
    return <IconButton icon={which} label={label} tip={next ? `${label}: ${next.label} (${keys})` : `Nothing to ${which}`} disabled={!next || readOnly} onClick={() => run(which)} />
  }
  return <div className="flex">{button('undo', 'Undo', 'Ctrl+Z')}{button('redo', 'Redo', 'Ctrl+Y')}</div>
}
