import { useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useDeferredValue, useState } from 'react'
import { api } from '~/api/client'
import { usePages } from '~/api/pages'
import { keys } from '~/api/queries'
import type { RecipeSummary } from '~/api/types'
import { Page } from '~/app/page'
import { useMay } from '~/app/rights'
import { LibraryUndo } from '~/features/library/library-undo'
import { Chip, EmptyState } from '~/ui/bits'
import { Button, IconButton } from '~/ui/button'
import { cx } from '~/ui/cx'
import { Confirm } from '~/ui/dialog'
import { Field, SearchInput, Select } from '~/ui/form'
import { ListFoot, SkeletonRows } from '~/ui/list'
import { Menu } from '~/ui/menu'
import { ProblemPanel } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { unitText } from '~/ui/words'
import { UsageDrawer } from '../resources/usage-drawer'
import { VersionsDrawer } from './versions-drawer'

const PAGE_SIZE = 100

/** Recipes of the organisation: what builds one unit of work, out of resources and other recipes. */
export function RecipesScreen() {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const [state, setState] = useState<'' | RecipeSummary['state']>('')
  const q = useDeferredValue(text.trim())
  const pages = usePages<RecipeSummary>(keys.recipes, '/recipes', { q: q || undefined, state: state || undefined, limit: PAGE_SIZE })
  const [open, setOpen] = useState<{ kind: 'usage' | 'delete' | 'history'; recipe: RecipeSummary } | null>(null)
  const toNew = () => void navigate({ to: '/recipes/$recipeId', params: { recipeId: 'new' } })
  const filtered = q !== '' || state !== ''
  const edits = useMay('edit')
  const add = edits && <Button look="primary" icon="plus" onClick={toNew}>New recipe</Button>

  const setAvailability = async (recipe: RecipeSummary) => {
    const next = recipe.state === 'active' ? 'retired' : 'active'
    try {
      await api.patch(`/recipes/${recipe.id}`, { version: recipe.version, state: next })
      void client.invalidateQueries({ queryKey: keys.recipes })
      void client.invalidateQueries({ queryKey: keys.catalogue })
      toast.done(next === 'retired' ? `${recipe.code} retired: it enters no new line` : `${recipe.code} is active again`)
    } catch (error) {
      toast.refused(`${recipe.code} could not be changed`, error)
    }
  }
  const remove = async (recipe: RecipeSummary) => {
    await api.delete(`/recipes/${recipe.id}`, { query: { version: recipe.version } })
    void client.invalidateQueries({ queryKey: keys.recipes })
    void client.invalidateQueries({ queryKey: keys.catalogue })
    toast.done(`${recipe.code} deleted`)
  }
  return (
    <Page title="Recipes" actions={<><LibraryUndo />{add}</>}>
      <div role="search" className="flex flex-wrap items-center gap-2 border-b border-line bg-pane px-4 py-2">
        <SearchInput label="Find by code or name" className="w-72" value={text} onChange={(event) => setText(event.target.value)} />
        <Field label="State" hideLabel>
          <Select value={state} onChange={(event) => setState(event.target.value as typeof state)}><option value="">Active and retired</option><option value="active">Active</option><option value="retired">Retired</option></Select>
        </Field>
      </div>
      {pages.error ? <ProblemPanel error={pages.error} retry={pages.retry} /> : pages.items?.length === 0 ? (
        filtered ? <EmptyState icon="search" title="No recipe fits" actions={<Button onClick={() => { setText(''); setState('') }}>Show every recipe</Button>} /> : (
          <EmptyState icon="recipes" title="No recipes yet" actions={add}>
            A recipe says once what a cubic metre of concrete or a metre of pipe takes. Every estimate can use it.
          </EmptyState>
        )
      ) : (
        <>
          <table className={cx('table', pages.stale && 'opacity-60')} aria-busy={!pages.items || pages.stale}>
            <thead><tr><th className="w-44">Code</th><th>Name</th><th className="w-24">Output</th><th className="w-24">Version</th><th className="w-28">State</th><th className="w-12"><span className="sr-only">Actions</span></th></tr></thead>
            <tbody>
              {!pages.items && <SkeletonRows columns={6} />}
              {pages.items?.map((recipe) => (
                <tr key={recipe.id} className={cx(recipe.state === 'retired' && 'text-ink3')}>
                  <td className="font-medium whitespace-nowrap"><Link to="/recipes/$recipeId" params={{ recipeId: recipe.id }} className="text-acc hover:underline">{recipe.code}</Link></td>
                  <td className="max-w-0 truncate" title={recipe.name}>{recipe.name}</td>
                  <td>{unitText(recipe.unit)}</td>
                  <td>{recipe.n}</td>
                  <td>{recipe.state === 'retired' ? <Chip>Retired</Chip> : recipe.used ? <Chip look="accent">In use</Chip> : <Chip look="good">Active</Chip>}</td>
                  <td className="num">
                    <Menu
                      trigger={<IconButton icon="more" label={`Actions of ${recipe.code}`} />}
                      items={[
                        { label: 'Where used', icon: 'link', onSelect: () => setOpen({ kind: 'usage', recipe }) },
                        { label: 'Versions and history', icon: 'history', onSelect: () => setOpen({ kind: 'history', recipe }) },
                        'separator',
                        edits && { label: recipe.state === 'active' ? 'Retire' : 'Make active again', icon: recipe.state === 'active' ? 'close' : 'undo', onSelect: () => void setAvailability(recipe) },
                        edits && { label: 'Delete…', icon: 'trash', danger: true, onSelect: () => setOpen({ kind: 'delete', recipe }) },
                      ]}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <ListFoot pages={pages} noun="recipe" />
        </>
      )}
      {open?.kind === 'usage' && <UsageDrawer entity="recipes" id={open.recipe.id} name={open.recipe.code} onClose={() => setOpen(null)} />}
      {open?.kind === 'history' && <VersionsDrawer id={open.recipe.id} code={open.recipe.code} onClose={() => setOpen(null)} />}
      {open?.kind === 'delete' && (
        <Confirm open onOpenChange={(next) => { if (!next) setOpen(null) }} danger title={`Delete ${open.recipe.code}?`} action="Delete recipe" onConfirm={() => remove(open.recipe)}>
          A recipe that a worksheet or another recipe has used can only be retired.
        </Confirm>
      )}
    </Page>
  )
}
