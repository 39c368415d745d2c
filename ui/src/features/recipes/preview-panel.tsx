import { Chip, EmptyState, MixBar, TypeDot } from '~/ui/bits'
import { cx } from '~/ui/cx'
import { formatMoney, formatQuantity, formatRate } from '~/ui/decimal'
import { Flashing } from '~/ui/flashing'
import { Field, TextInput } from '~/ui/form'
import { unitText } from '~/ui/words'
import { type Draft, sampleParams } from './model/draft'
import type { Preview, Sample } from './use-preview'

export interface PreviewPanelProps {
  draft: Draft
  needs: string[]
  preview: Preview
  sample: Sample
  onSample: (sample: Sample) => void
}

/** The recipe worked out for a sample: the resources it comes down to, their cost, the cost of one unit. */
export function PreviewPanel({ draft, needs, preview, sample, onSample }: PreviewPanelProps) {
  const { data, refusal, busy } = preview
  const params = draft.params.filter((param) => param.name.trim() !== '')
  const shown = sampleParams(draft.params, {})
  return (
    <aside aria-labelledby="preview" className="flex min-h-0 border-line bg-pane max-xl:border-t xl:flex-col xl:overflow-auto xl:border-l">
      <div className="border-line p-4 max-xl:w-80 max-xl:shrink-0 max-xl:overflow-y-auto max-xl:border-r xl:border-b">
        <div className="mb-2 flex items-center gap-2"><h2 id="preview" className="flex-1 font-semibold">Preview</h2>{busy && needs.length === 0 && <Chip>Working</Chip>}</div>
        <div className="grid grid-cols-2 gap-2">
          <Field label={`Quantity${draft.unit ? `, ${unitText(draft.unit)}` : ''}`}><TextInput inputMode="decimal" className="text-right" value={sample.quantity} onChange={(event) => onSample({ ...sample, quantity: event.target.value })} /></Field>
          {params.map((param) => {
            const name = param.name.trim()
            return (
              <Field key={param.key} label={<><span className="font-mono">{name}</span>{param.unit && `, ${unitText(param.unit)}`}</>}>
                <TextInput inputMode="decimal" className="text-right" placeholder={shown[name]} value={sample.params[name] ?? ''} onChange={(event) => onSample({ ...sample, params: { ...sample.params, [name]: event.target.value } })} />
              </Field>
            )
          })}
        </div>
      </div>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by itself where it stands under the lines, by keyboard too */}
      <div tabIndex={0} role="group" aria-label="What it comes to" className="min-w-0 flex-1 -outline-offset-2! max-xl:overflow-y-auto">
      {needs.length > 0 ? <EmptyState icon="recipes" title="Nothing to work out yet">The recipe still needs {needs.join(', ')}.</EmptyState> : (
        <>
          {refusal && <p role="alert" className="border-b border-line bg-bad2 px-4 py-2 text-bad">{refusal.line !== null && `Line ${refusal.line + 1}: `}{refusal.message}</p>}
          {data && !data.error && (
            <div className={cx('transition-opacity', busy && 'opacity-60')} role="region" aria-label="Result" aria-busy={busy}>
              <div className="flex flex-wrap items-end gap-x-6 gap-y-2 px-4 py-3">
                <dl className="flex gap-6">
                  <div><dt className="text-xs text-ink3">Cost per {unitText(draft.unit) || 'unit'}</dt><dd className="text-lg font-semibold"><Flashing value={data.unitCost ?? ''}>{formatRate(data.unitCost)}</Flashing></dd></div>
                  <div><dt className="text-xs text-ink3">Cost of {formatQuantity(sample.quantity || '1')} {unitText(draft.unit)}</dt><dd className="text-lg font-semibold"><Flashing value={data.cost}>{formatMoney(data.cost)}</Flashing></dd></div>
                </dl>
                <MixBar byType={data.byType} className="mb-2 min-w-24 flex-1" />
              </div>
              <table className="table">
                <thead><tr><th>Resource</th><th className="num">Quantity</th><th className="num">Rate</th><th className="num">Cost</th></tr></thead>
                <tbody>
                  {data.leaves.map((leaf, index) => (
                    <tr key={index}>
                      <td className="max-w-0 min-w-28"><span className="flex items-center gap-2" title={`${leaf.description} (${leaf.path})`}><TypeDot type={leaf.type} /><span className="truncate">{leaf.code}</span></span></td>
                      <td className="num">{formatQuantity(leaf.quantity, 6)} <span className="text-ink3">{unitText(leaf.unit)}</span></td>
                      <td className="num">{leaf.rate == null ? <span className="text-warn">No rate</span> : formatRate(leaf.rate)}</td>
                      <td className="num">{formatMoney(leaf.cost)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </>
      )}
      </div>
    </aside>
  )
}
