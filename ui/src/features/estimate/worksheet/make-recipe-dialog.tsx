import { useNavigate } from '@tanstack/react-router'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, isProblem } from '~/api/client'
import { keys } from '~/api/queries'
import type { Recipe, Worksheet } from '~/api/types'
import { FormDialog } from '~/ui/dialog'
import { Checkbox, Field, TextInput } from '~/ui/form'
import { problemText } from '~/ui/problem'
import { lineName } from './methods'

/** A recipe made from the worksheet of an item: without rates, notes and the client's words (BR-060). */
export function MakeRecipeDialog({ estimateId, sheet, onClose }: { estimateId: string; sheet: Worksheet; onClose: () => void }) {
  const navigate = useNavigate()
  const client = useQueryClient()
  const [code, setCode] = useState('')
  const [name, setName] = useState('')
  const [left, setLeft] = useState<ReadonlySet<string>>(() => new Set(sheet.lines.filter((line) => (!line.resource && !line.recipe) || line.method === 'subcontract' || line.method === 'lump' || line.method === 'percent-of').map((line) => line.id)))
  const [problems, setProblems] = useState<string[]>([])
  const [busy, setBusy] = useState(false)
  const chosen = sheet.lines.filter((line) => !left.has(line.id))
  const make = async () => {
    setBusy(true)
    setProblems([])
    try {
      const recipe = await api.post<Recipe>('/recipes/from-item', { estimateId, itemId: sheet.itemId, lineIds: chosen.map((line) => line.id), code, name })
      void client.invalidateQueries({ queryKey: keys.recipes })
      await navigate({ to: '/recipes/$recipeId', params: { recipeId: recipe.id } })
    } catch (problem) {
      setProblems(isProblem(problem) && problem.violations.length > 0 ? problem.violations.map((one) => `${one.rule}: ${one.message}`) : [problemText(problem)])
      setBusy(false)
    }
  }
  return (
    <FormDialog
      className="grid gap-3" title="Make a recipe of this worksheet" action="Make recipe"
      description="It does per unit what the worksheet does, without rates, notes and the client's words, and opens to be looked over and published."
      busy={busy} disabled={!code.trim() || !name.trim() || chosen.length === 0} onClose={onClose} onSubmit={(event) => { event.preventDefault(); void make() }}
    >
      <div className="grid grid-cols-[9rem_minmax(0,1fr)] gap-3">
        <Field label="Code"><TextInput value={code} placeholder="PIPE-225" onChange={(event) => setCode(event.target.value)} /></Field>
        <Field label="Name" hint="What the work is, in your own words"><TextInput value={name} onChange={(event) => setName(event.target.value)} /></Field>
      </div>
      <fieldset>
        <legend className="mb-1 text-xs font-medium text-ink2">Lines</legend>
        {sheet.lines.map((line) => {
          const { code: lineCode, name: words } = lineName(line)
          return <div key={line.id}><Checkbox label={`${lineCode} ${words}`.trim()} checked={!left.has(line.id)} onChange={(event) => setLeft((now) => { const next = new Set(now); if (event.target.checked) next.delete(line.id); else next.add(line.id); return next })} /></div>
        })}
      </fieldset>
      {problems.length > 0 && <ul role="alert" className="text-bad">{problems.map((problem, at) => <li key={at}>{problem}</li>)}</ul>}
    </FormDialog>
  )
}
