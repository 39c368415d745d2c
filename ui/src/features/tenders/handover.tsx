import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, newKey } from '~/api/client'
import { keys } from '~/api/queries'
import type { Handover as HandoverRow, Handovers, Tender } from '~/api/types'
import { useMay } from '~/app/rights'
import { Chip } from '~/ui/bits'
import { Button } from '~/ui/button'
import { formatMoment } from '~/ui/dates'
import { formatMoney } from '~/ui/decimal'
import { Field, Select, TextInput } from '~/ui/form'
import { problemText } from '~/ui/problem'
import { toast } from '~/ui/toast'
import { useSubmit } from '~/ui/use-submit'

/** The sections that were given codes; what was left empty takes the section's own. */
function codedSections(codes: Record<string, { subJob: string; activity: string }>): { section: string; subJob: string; activity: string }[] {
  return Object.entries(codes).filter(([, { subJob, activity }]) => subJob.trim() !== '' || activity.trim() !== '')
    .map(([section, { subJob, activity }]) => ({ section, subJob: subJob.trim() || section, activity: activity.trim() || section }))
}

/** The budget of a won tender, handed to its job. */
export function Handover({ tender }: { tender: Tender }) {
  const client = useQueryClient()
  const lead = useMay('decide')
  const queryKey = [...keys.tender(tender.id), 'handovers']
  const handovers = useQuery({ queryKey, queryFn: ({ signal }) => api.get<Handovers>(`/tenders/${tender.id}/handovers`, { signal }) })
  const [job, setJob] = useState(tender.number)
  const [target, setTarget] = useState<HandoverRow['target']>('workbench')
  const { busy, refusal, clear, run } = useSubmit()
  const plan = handovers.data?.plan
  const sections = handovers.data?.sections ?? []
  const [codes, setCodes] = useState<Record<string, { subJob: string; activity: string }>>({})
  const put = (section: string, part: { subJob?: string; activity?: string }) => {
    clear()
    setCodes((now) => ({ ...now, [section]: { subJob: now[section]?.subJob ?? '', activity: now[section]?.activity ?? '', ...part } }))
  }
  const make = async () => {
    await api.post<HandoverRow>(`/tenders/${tender.id}/handovers`, { target, key: newKey(), codes: { job, sections: codedSections(codes) } })
    await client.invalidateQueries({ queryKey })
  }
  const confirm = async (id: string) => {
    try {
      await api.post(`/tenders/${tender.id}/handovers/${id}/confirm`)
      await client.invalidateQueries({ queryKey })
    } catch (error) {
      toast.refused('The hand-over is not confirmed', error)
    }
  }
  return (
    <section aria-labelledby="handover" className="overflow-hidden rounded-lg border border-line bg-pane">
      <h2 id="handover" className="px-4 pt-3 pb-1 text-base font-semibold">Hand-over</h2>
      {handovers.isError && <p className="px-4 pb-2 text-bad">{problemText(handovers.error)}</p>}
      {handovers.data?.items.map((row) => (
        <div key={row.id} className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-2">
          <Chip look={row.state === 'confirmed' ? 'good' : 'warn'}>{row.state === 'confirmed' ? 'Confirmed' : 'Prepared'}</Chip>
          <span className="flex-1">{row.target === 'workbench' ? 'Workbench' : 'CSV'}, budget {formatMoney(row.costTotal)}, {row.by.name}, {formatMoment(row.at)}</span>
          {row.files.map((file) => <a key={file.hash} className="text-acc hover:underline" href={`/api/v1/files/${file.hash}`} download={file.name}>{file.name}</a>)}
          {row.state === 'prepared' && lead && <Button onClick={() => void confirm(row.id)}>Confirm</Button>}
        </div>
      ))}
      {plan && (
        <details className="border-t border-line px-4 py-2">
          <summary className="cursor-default">Budget of {plan.budget.length} rows, {formatMoney(plan.costTotal)}; revenue {formatMoney(plan.totalEx)}</summary>
          <table className="table mt-2">
            <thead><tr><th>Sub-job</th><th>Activity</th><th>Type</th><th className="w-full">Description</th><th className="num">Amount</th></tr></thead>
            <tbody>{plan.budget.map((row, at) => <tr key={at}><td>{row.subJob}</td><td>{row.activity}</td><td>{row.costType}</td><td>{row.description}</td><td className="num">{formatMoney(row.amount)}</td></tr>)}</tbody>
          </table>
        </details>
      )}
      {!lead && <p className="border-t border-line px-4 py-3 text-ink2">A Lead Estimator hands the budget over and confirms it.</p>}
      {lead && sections.length > 0 && (
        <details className="border-t border-line px-4 py-2" open={plan ? undefined : true}>
          <summary className="cursor-default">Codes of sections{plan ? '' : ': one without a code needs a sub-job and an activity'}</summary>
          <p className="mt-1 text-xs text-ink2">What is left empty takes the section’s own code. A sub-job has at most five levels, told apart by dots.</p>
          <table className="table mt-2" aria-label="Codes of sections">
            <thead><tr><th className="w-20">Section</th><th className="w-full">Name</th><th className="num">Budget</th><th>Sub-job</th><th>Activity</th></tr></thead>
            <tbody>
              {sections.map(({ section, name, amount }) => {
                const words = section === '' ? `the section without a code, ${name}` : `section ${section}`
                return (
                  <tr key={section}>
                    <td>{section || <span className="text-warn">no code</span>}</td><td className="max-w-0 truncate" title={name}>{name || (section === 'allowance' ? 'Allowances of rules' : '')}</td><td className="num">{formatMoney(amount)}</td>
                    {(['subJob', 'activity'] as const).map((field) => (
                      <td key={field}><input type="text" className="field w-28!" aria-label={`${field === 'subJob' ? 'Sub-job' : 'Activity'} of ${words}`} placeholder={section} value={codes[section]?.[field] ?? ''} onChange={(event) => put(section, { [field]: event.target.value })} /></td>
                    ))}
                  </tr>
                )
              })}
            </tbody>
          </table>
        </details>
      )}
      {lead && <form className="flex items-end gap-2 border-t border-line px-4 py-3" onSubmit={(event) => run(make, event)}>
        <Field label="Job"><TextInput required value={job} onChange={(event) => setJob(event.target.value)} /></Field>
        <Field label="To"><Select value={target} onChange={(event) => setTarget(event.target.value as HandoverRow['target'])}><option value="workbench">Workbench (CSV and JSON)</option><option value="csv">Another system (CSV)</option></Select></Field>
        <Button type="submit" busy={busy}>Hand over</Button>
      </form>}
      {refusal && <p role="alert" className="px-4 pb-3 text-bad">{refusal}</p>}
    </section>
  )
}
