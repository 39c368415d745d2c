import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, isProblem } from '~/api/client'
import { estimateQuery, keys } from '~/api/queries'
import type { Estimate } from '~/api/types'
import { Button, IconButton } from '~/ui/button'
import { Dialog } from '~/ui/dialog'
import { formatQuantity } from '~/ui/decimal'
import { TextInput } from '~/ui/form'
import { problemText } from '~/ui/problem'
import { useEstimateSession } from '../model/context'
import { useWorkspace } from '../model/workspace-context'
import { TakeProgramme } from './take-programme'

interface Draft {
  key: number
  name: string
  formula: string
  note: string
}

/** Named numbers of the whole estimate (bulking, working days, ...), usable in every formula below it. */
export default function VariablesDialog() {
  const session = useEstimateSession()
  const workspace = useWorkspace()
  const client = useQueryClient()
  const { data: estimate } = useSuspenseQuery(estimateQuery(session.estimateId))
  // What is saved shows as it comes, until something here is changed.
  const saved = estimate.variables.map((one, key) => ({ key, name: one.name, formula: one.formula, note: one.note ?? '' }))
  const [edited, setEdited] = useState<Draft[] | null>(null)
  const drafts = edited ?? saved
  const setDrafts = (next: (now: Draft[]) => Draft[]) => setEdited((now) => next(now ?? saved))
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const changed = drafts.length !== saved.length || drafts.some((one, at) => one.name !== saved[at]?.name || one.formula !== saved[at].formula || one.note !== saved[at].note)
  const known = new Map(estimate.variables.map((one) => [one.name, one]))
  const close = () => { workspace.set({ dialog: null }); workspace.focusGrid() }
  const change = (key: number, part: Partial<Draft>) => setDrafts((now) => now.map((one) => (one.key === key ? { ...one, ...part } : one)))

  const save = async () => {
    setBusy(true)
    setError(null)
    try {
      const variables = drafts.filter((one) => one.name.trim() || one.formula.trim()).map((one) => ({ name: one.name.trim(), formula: one.formula.trim(), note: one.note.trim() || null }))
      const next = await api.patch<Estimate>(`/estimates/${session.estimateId}`, { version: estimate.version, variables })
      client.setQueryData(keys.estimate(session.estimateId), next)
      session.reload()
      close()
    } catch (refusal) {
      setError(isProblem(refusal) && refusal.code === 'stale-version' ? 'Somebody else changed the estimate meanwhile. Close this and open it again.' : problemText(refusal))
      setBusy(false)
    }
  }
  return (
    <Dialog
      open onOpenChange={(open) => { if (!open) close() }} width="wide" title="Variables of the estimate" description="Named numbers usable in every formula of this estimate."
      footer={workspace.frozen ? <Button onClick={close}>Close</Button> : <><Button onClick={close}>Cancel</Button><Button look="primary" busy={busy} onClick={() => void save()}>Save variables</Button></>}
    >
      <fieldset disabled={workspace.frozen} className="contents">
      {workspace.frozen && drafts.length === 0 && <p className="text-ink2">None are defined.</p>}
      <table className="table">
        <thead><tr><th className="w-44">Name</th><th>Number or formula</th><th className="num w-28">Value</th><th className="w-48">Note</th><th className="w-8"><span className="sr-only">Remove</span></th></tr></thead>
        <tbody>
          {drafts.map((draft) => (
            <tr key={draft.key}>
              <td className="p-1!"><TextInput aria-label="Name" value={draft.name} spellCheck={false} onChange={(event) => change(draft.key, { name: event.target.value })} className="font-mono text-xs" /></td>
              <td className="p-1!"><TextInput aria-label={`Formula of ${draft.name}`} value={draft.formula} spellCheck={false} onChange={(event) => change(draft.key, { formula: event.target.value })} className="font-mono text-xs" /></td>
              <td className="num text-ink2">{known.get(draft.name)?.error ? <span className="text-bad" title={known.get(draft.name)?.error?.message}>error</span> : formatQuantity(known.get(draft.name)?.value)}</td>
              <td className="p-1!"><TextInput aria-label={`Note of ${draft.name}`} value={draft.note} onChange={(event) => change(draft.key, { note: event.target.value })} /></td>
              <td className="p-0!"><IconButton icon="trash" className="edits" label={`Remove ${draft.name || 'variable'}`} onClick={() => setDrafts((now) => now.filter((one) => one.key !== draft.key))} /></td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="edits mt-2 flex flex-wrap items-center gap-2">
      <Button look="plain" icon="plus" className="-ml-2.5" onClick={() => setDrafts((now) => [...now, { key: Math.max(-1, ...now.map((one) => one.key)) + 1, name: '', formula: '', note: '' }])}>Add a variable</Button>
      <TakeProgramme estimateId={session.estimateId} changed={changed} onTaken={() => { session.reload(); void client.invalidateQueries({ queryKey: keys.estimate(session.estimateId), exact: true }); close() }} />
      </div>
      </fieldset>
      {error && <p role="alert" className="mt-2 text-bad">{error}</p>}
    </Dialog>
  )
}
