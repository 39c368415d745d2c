import { Kbd } from './bits'

/** Keys, parted by commas, and what each does. */
export function KeyList({ title, rows }: { title: string; rows: readonly (readonly [keys: string, what: string])[] }) {
  return (
    <section className="mb-4 break-inside-avoid">
      <h3 className="mb-1 text-2xs font-medium text-ink3">{title}</h3>
      <dl>
        {rows.map(([keys, what]) => (
          <div key={what} className="flex items-center justify-between gap-3 border-b border-line2 py-1 last:border-0">
            <dt className="order-2 flex gap-1 whitespace-nowrap">{keys.split(', ').map((key) => <Kbd key={key}>{key}</Kbd>)}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
