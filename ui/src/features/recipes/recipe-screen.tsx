import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useBlocker, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api, isProblem } from '~/api/client'
import { keys, unitsQuery } from '~/api/queries'
import type { Recipe } from '~/api/types'
import { Page } from '~/app/page'
import { useMay } from '~/app/rights'
import { Chip, Spinner } from '~/ui/bits'
import { Button } from '~/ui/button'
import { Confirm } from '~/ui/dialog'
import { Field, Select, TextInput } from '~/ui/form'
import { ProblemPanel, problemText } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { UsageDrawer } from '../resources/usage-drawer'
import { LinesEditor } from './lines-editor'
import { type Draft, EMPTY_DRAFT, draftNeeds, draftOf, emptyName, inputOf } from './model/draft'
import { NamesTable, ParamsTable } from './names-table'
import { PreviewPanel } from './preview-panel'
import { usePreview } from './use-preview'
import { VersionsDrawer } from './versions-drawer'

export const recipeQuery = (id: string) => queryOptions({ queryKey: [...keys.recipes, id], queryFn: ({ signal }) => api.get<Recipe>(`/recipes/${id}`, { signal }) })

const CRUMBS = [{ label: 'Recipes', to: '/recipes' as const }]

/** Builds a recipe; `recipeId` "new" starts an empty one. */
export function RecipeScreen({ recipeId }: { recipeId: string }) {
  const fresh = recipeId === 'new'
  const recipe = useQuery({ ...recipeQuery(recipeId), enabled: !fresh })
  if (fresh) return <Builder recipe={null} />
  if (recipe.isError) return <Page title="Recipe" crumbs={CRUMBS}><ProblemPanel error={recipe.error} retry={() => void recipe.refetch()} /></Page>
  if (!recipe.data) return <Page title="Recipe" crumbs={CRUMBS}><div className="grid place-items-center p-16"><Spinner /></div></Page>
  return <Builder recipe={recipe.data} />
}

function Builder({ recipe }: { recipe: Recipe | null }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const edits = useMay('edit')
  const { data: units } = useQuery(unitsQuery)
  // The version on which the typing is based; a newer one of others is refused at saving, not mixed in.
  const [base, setBase] = useState(recipe)
  const [draft, setDraft] = useState<Draft>(() => (recipe ? draftOf(recipe) : EMPTY_DRAFT))
  const [dirty, setDirty] = useState(false)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<{ message: string; stale: boolean } | null>(null)
  const [usage, setUsage] = useState(false)
  const [versions, setVersions] = useState(false)
  const [sample, setSample] = useState<{ quantity: string; params: Record<string, string> }>({ quantity: '1', params: {} })
  const preview = usePreview(base?.id ?? null, draft, sample)
  const needs = draftNeeds(draft)
  const blocker = useBlocker({ shouldBlockFn: () => dirty, enableBeforeUnload: dirty, withResolver: true })

  const change = (part: Partial<Draft>) => { setDraft((now) => ({ ...now, ...part })); setDirty(true); setRefusal(null) }
  const take = (saved: Recipe) => {
    client.setQueryData(recipeQuery(saved.id).queryKey, saved)
    setBase(saved)
    setDraft(draftOf(saved))
    setDirty(false)
    setRefusal(null)
  }
  const open = base?.versions.some((version) => version.n === base.n && version.state === 'draft') ?? false
  const save = async (asDraft: boolean) => {
    setBusy(true)
    setRefusal(null)
    try {
      const saved = base ? await api.put<Recipe>(`/recipes/${base.id}`, { version: base.version, ...inputOf(draft), draft: asDraft }) : await api.post<Recipe>('/recipes', { ...inputOf(draft), draft: asDraft })
      take(saved)
      void client.invalidateQueries({ queryKey: [...keys.recipes, 'list'] })
      void client.invalidateQueries({ queryKey: keys.catalogue })
      if (asDraft) toast.done(`${saved.code} kept as a draft`, { detail: 'It enters worksheets once it is published.' })
      else toast.done(`${saved.code} saved as version ${saved.n}`, saved.n > 1 ? { detail: 'Worksheets keep the version they were built with.' } : {})
      if (!base) await navigate({ to: '/recipes/$recipeId', params: { recipeId: saved.id }, replace: true, ignoreBlocker: true })
    } catch (error) {
      setRefusal({ message: problemText(error), stale: isProblem(error) && error.code === 'stale-version' })
    } finally {
      setBusy(false)
    }
  }
  const discard = async () => {
    if (!base) return
    try {
      take(await api.delete<Recipe>(`/recipes/${base.id}/draft`, { query: { version: base.version } }))
      toast.done('The draft is discarded')
    } catch (error) {
      setRefusal({ message: problemText(error), stale: isProblem(error) && error.code === 'stale-version' })
    }
  }
  const reload = async () => { if (base) take(await client.fetchQuery({ ...recipeQuery(base.id), staleTime: 0 })) }
  const unitOptions = units?.items.map((unit) => <option key={unit.code} value={unit.code}>{unit.code} {unit.name}</option>)

  return (
    <Page
      title={base ? `${base.code} ${base.name}` : 'New recipe'} crumbs={CRUMBS} fixed
      chips={base && <><Chip look={open ? 'warn' : 'plain'}>Version {base.n}{open ? ' (draft)' : ''}</Chip>{open && base.current > 0 && <Chip>Version {base.current} in use</Chip>}{base.state === 'retired' && <Chip look="warn">Retired</Chip>}{dirty && <Chip look="accent">Not saved</Chip>}</>}
      actions={
        <>
          {base && <Button icon="history" aria-label="Versions" onClick={() => setVersions(true)}><span className="hidden xl:inline">Versions</span></Button>}
          {base && <Button icon="link" aria-label="Where used" onClick={() => setUsage(true)}><span className="hidden xl:inline">Where used</span></Button>}
          {dirty && base && <Button look="plain" onClick={() => { setDraft(draftOf(base)); setDirty(false); setRefusal(null) }}>Discard changes</Button>}
          {edits && open && base && base.current > 0 && !dirty && <Button look="plain" onClick={() => void discard()}>Discard the draft</Button>}
          {edits && <Button busy={busy} disabled={!dirty || needs.length > 0} onClick={() => void save(true)}>Save draft</Button>}
          {edits && <Button look="primary" busy={busy} disabled={(!dirty && !open) || needs.length > 0} onClick={() => void save(false)}>{!base ? 'Save recipe' : open ? `Publish version ${base.n}` : `Save as version ${base.n + 1}`}</Button>}
        </>
      }
    >
      {refusal && (
        <p role="alert" className="border-b border-line bg-bad2 px-4 py-2 text-bad">
          {refusal.message} {refusal.stale && <button type="button" className="font-medium underline underline-offset-2" onClick={() => void reload()}>Take the newer version</button>}
        </p>
      )}
      <div className="grid min-h-0 flex-1 max-xl:grid-rows-[minmax(0,3fr)_minmax(0,2fr)] xl:grid-cols-[minmax(0,1fr)_26rem]">
        <div role="region" aria-label="How it is built" {...(edits ? {} : { tabIndex: 0 })} className="overflow-auto p-4 -outline-offset-2!">
        <fieldset disabled={!edits} className="grid content-start gap-5">
          <section aria-label="Recipe" className="grid grid-cols-[8rem_minmax(0,1fr)_9rem] gap-3">
            <Field label="Code"><TextInput value={draft.code} placeholder="CONC-30" onChange={(event) => change({ code: event.target.value })} /></Field>
            <Field label="Name"><TextInput value={draft.name} placeholder="Concrete 30 MPa, placed" onChange={(event) => change({ name: event.target.value })} /></Field>
            <Field label="Output unit"><Select value={draft.unit} onChange={(event) => change({ unit: event.target.value })}><option value="">Choose…</option>{unitOptions}</Select></Field>
          </section>
          <LinesEditor lines={draft.lines} preview={preview} onChange={(lines) => change({ lines })} />
          <ParamsTable params={draft.params} units={units?.items ?? []} onChange={(params) => change({ params })} />
          <NamesTable title="Variables" says="Named formulas that lines and other variables use." add="Add a variable" names={draft.variables} values={preview.data?.variables ?? []} make={emptyName} onChange={(variables) => change({ variables })} />
          {(draft.blocks.length > 0) && <NamesTable title="Calculation blocks" says="Steps with a unit and a note." add="Add a block" names={draft.blocks} values={preview.data?.blocks ?? []} make={emptyName} withUnit onChange={(blocks) => change({ blocks })} />}
        </fieldset>
        </div>
        <PreviewPanel draft={draft} needs={needs} preview={preview} sample={sample} onSample={setSample} />
      </div>
      {versions && base && <VersionsDrawer id={base.id} code={base.code} onClose={() => setVersions(false)} />}
      {usage && base && <UsageDrawer entity="recipes" id={base.id} name={base.code} onClose={() => setUsage(false)} />}
      {blocker.status === 'blocked' && (
        <Confirm open danger title="Leave without saving?" action="Leave" onOpenChange={(open) => { if (!open) blocker.reset() }} onConfirm={() => blocker.proceed()}>
          What you changed in this recipe is lost.
        </Confirm>
      )}
    </Page>
  )
}
