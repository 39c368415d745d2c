import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { api } from '~/api/client'
import { estimateQuery, keys, tenderQuery } from '~/api/queries'
import { saveFile } from '~/api/save-file'
import type { CategoryReport } from '~/api/types'
import { rememberEstimate } from '~/app/last-estimate'
import { Page } from '~/app/page'
import { EstimateTabs } from '~/features/estimate/estimate-tabs'
import { EstimateSessionProvider } from '~/features/estimate/model/context'
import { EstimateChips, estimateCrumbs } from '~/features/estimate/page-parts'
import { EmptyState, Spinner } from '~/ui/bits'
import { Button } from '~/ui/button'
import { formatMoney } from '~/ui/decimal'
import { Field, Select } from '~/ui/form'
import { Menu } from '~/ui/menu'
import { ProblemPanel } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { choicesFor, optionName } from './model'
import { categorisationsQuery } from './queries'

interface Props {
  estimateId: string
  /** The categorisation; the first given to items where none is named. */
  by: string | undefined
  onBy: (id: string) => void
}

/** What an estimate costs and sells for by the options of a categorisation. */
export function CategoryReportScreen(props: Props) {
  return <EstimateSessionProvider key={props.estimateId} estimateId={props.estimateId}><Screen {...props} /></EstimateSessionProvider>
}

function Screen({ estimateId, by, onBy }: Props) {
  const { data: estimate } = useSuspenseQuery(estimateQuery(estimateId))
  const tender = useQuery(tenderQuery(estimate.tenderId))
  const all = useQuery(categorisationsQuery)
  const choices = (all.data ?? []).filter((row) => row.id === by || choicesFor([row], 'item', []).length > 0)
  const chosen = choices.find((row) => row.id === by) ?? choices[0]
  useEffect(() => { rememberEstimate(estimateId) }, [estimateId])
  const report = useQuery({
    // Another commit, other sums.
    queryKey: [...keys.categories(estimateId), chosen?.id, estimate.lsn], enabled: chosen !== undefined,
    queryFn: ({ signal }) => api.get<CategoryReport>(`/estimates/${estimateId}/categories/${chosen?.id ?? ''}`, { signal }),
    placeholderData: (before) => (before?.categorisationId === chosen?.id ? before : undefined),
  })
  const save = async (format: 'xlsx' | 'csv' | 'pdf') => {
    try {
      await saveFile(await api.raw('GET', `/estimates/${estimateId}/categories/${chosen?.id ?? ''}/report`, { query: { format } }))
    } catch (error) {
      toast.refused('The report was not made', error)
    }
  }
  return (
    <Page
      fixed title="By category"
      crumbs={estimateCrumbs(tender.data, estimate)}
      chips={<EstimateChips estimate={estimate} />}
      actions={chosen && (
        <Menu
          trigger={<Button icon="download">Export</Button>}
          items={[
            { label: 'Excel workbook (.xlsx)', icon: 'file', onSelect: () => void save('xlsx') },
            { label: 'Comma-separated text (.csv)', icon: 'file', onSelect: () => void save('csv') },
            { label: 'PDF', icon: 'file', onSelect: () => void save('pdf') },
          ]}
        />
      )}
      bar={<div className="flex h-9 shrink-0 items-stretch gap-5 border-b border-line bg-pane px-4"><EstimateTabs estimateId={estimateId} here="categories" /></div>}
    >
      {all.isError ? <ProblemPanel error={all.error} retry={() => void all.refetch()} />
        : !all.data ? <div className="grid flex-1 place-items-center"><Spinner /></div>
          : !chosen ? (
            <EmptyState icon="filter" title="No category is given to items yet" actions={<Link to="/categories" className="text-acc hover:underline">Categories</Link>}>
              Cost and price are summed up here by work type, cost code or any other category items carry.
            </EmptyState>
          ) : (
            <div className="min-h-0 flex-1 overflow-y-auto">
              <div className="flex items-center gap-2 px-4 py-2">
                <Field label="By" hideLabel className="w-56">
                  <Select value={chosen.id} onChange={(event) => onBy(event.target.value)}>
                    {choices.map((row) => <option key={row.id} value={row.id}>{row.name}</option>)}
                  </Select>
                </Field>
                <span className="text-ink3">A sub-item costs where it is put itself, or with its item; the price is the item’s.</span>
              </div>
              {report.isError ? <ProblemPanel error={report.error} retry={() => void report.refetch()} />
                : !report.data ? <div className="grid place-items-center p-8"><Spinner /></div>
                  : <Sums report={report.data} />}
            </div>
          )}
    </Page>
  )
}

function Sums({ report }: { report: CategoryReport }) {
  return (
    <table className="table" aria-label={`Cost and price by ${report.name}`}>
      <thead><tr><th className="w-full">{report.name}</th><th className="num">Items</th><th className="num w-40">Cost</th><th className="num w-40">Price excl. GST</th></tr></thead>
      <tbody>
        {report.rows.map((row) => (
          <tr key={row.optionId ?? 'none'} className={row.optionId ? undefined : 'text-ink2'}>
            <td>{optionName(row)}</td>
            <td className="num">{row.items.toLocaleString('en-NZ')}</td>
            <td className="num">{formatMoney(row.cost)}</td>
            <td className="num">{row.price == null ? '–' : formatMoney(row.price)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr className="font-semibold">
          <td>Estimate</td>
          <td className="num">{report.rows.reduce((sum, row) => sum + row.items, 0).toLocaleString('en-NZ')}</td>
          <td className="num">{formatMoney(report.cost)}</td>
          <td className="num">{report.price == null ? '–' : formatMoney(report.price)}</td>
        </tr>
      </tfoot>
    </table>
  )
}
