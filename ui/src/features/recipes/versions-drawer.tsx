import { useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { Recipe } from '~/api/types'
import { useMay } from '~/app/rights'
import { HistoryList } from '~/features/estimate/panels/history-list'
import { Chip, Spinner } from '~/ui/bits'
import { Button } from '~/ui/button'
import { Drawer } from '~/ui/drawer'
import { ProblemPanel } from '~/ui/problem'
import { toast } from '~/ui/toast'

const LOOKS = { draft: 'warn', published: 'good', archived: 'plain' } as const

/** The versions of a recipe with what changed in each; an old one is archived, so that no line is offered it any more. */
export function VersionsDrawer({ id, code, onClose }: { id: string; code: string; onClose: () => void }) {
  const client = useQueryClient()
  const edits = useMay('edit')
  const recipe = useQuery({ queryKey: [...keys.recipes, id], queryFn: ({ signal }) => api.get<Recipe>(`/recipes/${id}`, { signal }) })
  const archive = async (n: number) => {
    try {
      client.setQueryData([...keys.recipes, id], await api.post<Recipe>(`/recipes/${id}/versions/${n}/archive`, {}))
      void client.invalidateQueries({ queryKey: keys.recipes })
      void client.invalidateQueries({ queryKey: keys.catalogue })
      toast.done(`Version ${n} of ${code} archived`, { detail: 'Items built with it keep it.' })
    } catch (error) {
      toast.refused(`Version ${n} stays as it is`, error)
    }
  }
  return (
    <Drawer title={`Versions of ${code}`} onClose={onClose}>
      {recipe.error ? <ProblemPanel error={recipe.error} retry={() => void recipe.refetch()} /> : !recipe.data ? <div className="grid place-items-center p-12"><Spinner /></div> : (
        <>
          <table className="table" aria-label={`Versions of ${code}`}>
            <thead><tr><th className="w-full">Version</th><th className="w-28">State</th><th className="w-28"><span className="sr-only">Actions</span></th></tr></thead>
            <tbody>
              {recipe.data.versions.map(({ n, state }) => (
                <tr key={n}>
                  <td className="font-medium">{n}{n === recipe.data.current && <Chip look="accent" className="ml-2">current</Chip>}</td>
                  <td><Chip look={LOOKS[state]} className="capitalize">{state}</Chip></td>
                  <td className="num">{edits && state === 'published' && n !== recipe.data.current && <Button look="plain" onClick={() => void archive(n)}>Archive<span className="sr-only"> version {n}</span></Button>}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <h3 className="px-4 pt-4 pb-1 font-semibold">What changed</h3>
          <HistoryList entity="recipe" id={id} estimateId="" lsn={recipe.data.version} />
        </>
      )}
    </Drawer>
  )
}
