import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type Ref, useState } from 'react'
import { api } from '~/api/client'
import { isOnItsWay } from '~/api/queries'
import type { CatalogueEntry, Resource } from '~/api/types'
import { Chip, Kbd, TypeDot } from '~/ui/bits'
import { Combobox } from '~/ui/combobox'
import { formatRate } from '~/ui/decimal'
import { Icon } from '~/ui/icons'
import { unitText } from '~/ui/words'
import { type LineInput, defaultLine } from './methods'

type Offer = CatalogueEntry | { kind: 'free'; id: 'free'; description: string }

const OFFERS_MAX = 12

/** What a resource brings to its lines beyond what the offer tells; read while the line is being typed. */
export type Later = Promise<Partial<LineInput>>

/** Type a few letters of a resource or recipe, Enter takes the best match. */
export function AddLine({ onPick, onPaste, onCancel, inputRef, disabled }: {
  onPick: (line: LineInput, name: string, later?: Later) => void
  /** Takes copied lines; false for any other text, which is typed. */
  onPaste: (text: string) => boolean
  onCancel: () => void
  inputRef: Ref<HTMLInputElement>
  disabled: boolean
}) {
  const [text, setText] = useState('')
  const wanted = text.trim()
  const catalogue = useQuery({
    queryKey: ['catalogue', wanted], enabled: wanted !== '', placeholderData: keepPreviousData, staleTime: 30_000,
    queryFn: ({ signal }) => api.get<{ items: CatalogueEntry[] }>('/catalogue', { query: { q: wanted, limit: OFFERS_MAX }, signal }),
  })
  const offers: Offer[] = wanted === '' ? [] : [...(catalogue.data?.items ?? []), { kind: 'free', id: 'free', description: wanted }]

  const pick = (offer: Offer) => {
    setText('')
    if (offer.kind === 'free') return onPick(defaultLine(null, offer.description), offer.description)
    const name = `${offer.code} ${offer.description}`
    if (offer.kind === 'recipe') return onPick(defaultLine(offer, ''), name)
    // The resource's own waste and efficiency become those of the line.
    const later = api.get<Resource>(`/resources/${offer.id}`).then(({ defaultWaste, defaultEfficiency }) => {
      const { waste, efficiency } = defaultLine(offer, '', { waste: defaultWaste ?? null, efficiency: defaultEfficiency ?? null })
      return { ...(waste === undefined ? {} : { waste }), ...(efficiency === undefined ? {} : { efficiency }) }
    }, () => ({}))
    onPick(defaultLine(offer, ''), name, later)
  }
  if (disabled) return null
  return (
    <div className="flex items-center gap-2 px-4 py-1" onPaste={(event) => { if (onPaste(event.clipboardData.getData('text/plain'))) event.preventDefault() }}>
      <Icon name="plus" size={13} className="text-ink3" />
      <Combobox<Offer>
        inputRef={inputRef} label="Add a line: resource, recipe or free line" placeholder="Add a resource, recipe or free line…" text={text} onText={setText} options={offers}
        optionKey={(offer) => `${offer.kind}-${offer.id}`} onPick={pick} onCancel={onCancel} busy={catalogue.isFetching} pending={isOnItsWay(catalogue)}
        className="h-7 min-w-0 flex-1 bg-transparent outline-none!"
        renderOption={(offer) => offer.kind === 'free' ? (
          <><Icon name="plus" size={12} className="text-ink3" /><span className="min-w-0 flex-1 truncate">Free line “{offer.description}”</span></>
        ) : (
          <>
            {offer.type ? <TypeDot type={offer.type} /> : <Icon name="recipes" size={12} className="text-acc" />}
            <b className="min-w-20 font-medium">{offer.code}</b>
            <span className="min-w-0 flex-1 truncate text-ink2">{offer.description}</span>
            {offer.kind === 'recipe' && <Chip look="accent">recipe</Chip>}
            <span className="text-xs text-ink3">{offer.rate != null && `${formatRate(offer.rate)} / `}{unitText(offer.unit)}</span>
          </>
        )}
      />
      {text === '' && <Kbd>Ins</Kbd>}
    </div>
  )
}
