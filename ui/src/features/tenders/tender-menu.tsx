import { useNavigate } from '@tanstack/react-router'
import type { Tender } from '~/api/types'
import { useMay, useWhyNot } from '~/app/rights'
import { IconButton } from '~/ui/button'
import { Menu } from '~/ui/menu'
import { whyKept } from './states'

export type TenderDialog = 'duplicate' | 'delete'

/** What can be done with a tender from a list. */
export function TenderMenu({ tender, onDialog }: { tender: Tender; onDialog: (kind: TenderDialog) => void }) {
  const navigate = useNavigate()
  const edits = useMay('edit')
  const why = useWhyNot('administer')
  return (
    <Menu
      trigger={<IconButton icon="more" label={`Actions of ${tender.number}`} />}
      items={[
        { label: 'Open', icon: 'tenders', onSelect: () => void navigate({ to: '/tenders/$tenderId', params: { tenderId: tender.id } }) },
        edits && { label: 'Duplicate…', icon: 'copy', onSelect: () => onDialog('duplicate') },
        'separator',
        edits && { label: 'Delete…', icon: 'trash', danger: true, why: why ?? whyKept(tender), onSelect: () => onDialog('delete') },
      ]}
    />
  )
}
