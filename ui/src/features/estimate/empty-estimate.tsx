import { Link } from '@tanstack/react-router'
import { type ClipboardEvent, type KeyboardEvent, useEffect, useRef } from 'react'
import { EmptyState, Kbd } from '~/ui/bits'
import { Button } from '~/ui/button'
import { insertHeading } from './actions'
import { pasteText } from './clipboard'
import { chordOf, commandFor } from './commands'
import { isTyping } from './grid/keyboard'
import { useWorkspaceStill } from './model/workspace-context'

/** What to do first with an estimate that has no rows. */
export function EmptyEstimate() {
  const workspace = useWorkspaceStill()
  const area = useRef<HTMLDivElement>(null)
  useEffect(() => {
    workspace.focusGrid = () => area.current?.focus()
    area.current?.focus()
  }, [workspace])
  const onPaste = (event: ClipboardEvent) => { event.preventDefault(); void pasteText(workspace, event.clipboardData.getData('text/plain')) }
  const addHeading = () => {
    workspace.focusGrid()
    void insertHeading(workspace)
  }
  // What is typed while the first row is on its way is kept for it.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || workspace.frozen) return
    const chord = chordOf(event)
    const command = commandFor(chord)
    const typed = isTyping(event, chord) && workspace.typedAhead(event.key.length === 1 ? event.key : chord)
    if (!typed && command !== 'insert-heading' && command !== 'insert-item') return
    event.preventDefault()
    event.stopPropagation()
    if (!typed) addHeading()
  }
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- stands in for the grid until there are rows
    <div ref={area} role="group" aria-label="Empty estimate" tabIndex={-1} onPaste={onPaste} onKeyDown={onKeyDown} className="flex-1 bg-pane outline-none">
      <EmptyState
        icon="estimate" title="This estimate has no rows yet"
        actions={!workspace.frozen && (
          <>
            <Button look="primary" icon="plus" onClick={addHeading}>Add the first heading</Button>
            <Link to="/estimates/$estimateId/import" params={{ estimateId: workspace.session.estimateId }} className="inline-flex h-7 items-center rounded-md border border-edge/60 px-2.5 hover:bg-line2">Import a schedule</Link>
          </>
        )}
      >
        {workspace.frozen ? 'Nothing has been entered.' : <>Import the client’s schedule, paste rows copied from Excel with <Kbd>Ctrl+V</Kbd>, or start with a heading. Rows without unit and quantity become headings.</>}
      </EmptyState>
    </div>
  )
}
