import { useRef, useState } from 'react'
import { api } from '~/api/client'
import { saveFile } from '~/api/save-file'
import { Button } from '~/ui/button'
import { Menu, type MenuEntry } from '~/ui/menu'
import { toast } from '~/ui/toast'

const CLIENT = [
  ['client-schedule', 'Schedule of prices'],
  ['unpriced-schedule', 'Schedule without prices'],
  ['tender-letter', 'Tender letter'],
  ['unpriced-letter', 'Tender letter without prices'],
] as const
const INTERNAL = [
  ['cost-by-heading', 'Cost by heading'],
  ['cost-by-resource', 'Cost by resource'],
  ['commercial-summary', 'Commercial summary'],
] as const

/** Documents of an estimate to save, and the client's own workbook to fill. */
export function DocumentsMenu({ estimateId }: { estimateId: string }) {
  const [busy, setBusy] = useState(false)
  const file = useRef<HTMLInputElement>(null)

  const save = async (what: string, ask: () => Promise<Response>) => {
    setBusy(true)
    try {
      await saveFile(await ask())
    } catch (error) {
      toast.refused(`${what} was not made`, error)
    } finally {
      setBusy(false)
    }
  }
  const entry = ([document, label]: readonly [string, string]): MenuEntry => ({
    label, icon: 'file',
    children: (['pdf', 'xlsx'] as const).map((format) => ({
      label: format === 'pdf' ? 'PDF' : 'Excel workbook (.xlsx)',
      onSelect: () => void save(label, () => api.raw('GET', `/estimates/${estimateId}/documents/${document}`, { query: { format } })),
    })),
  })
  const fill = (chosen: File) => {
    const form = new FormData()
    form.append('file', chosen)
    void save('The filled workbook', () => api.raw('POST', `/estimates/${estimateId}/write-back`, { body: form }))
  }
  return (
    <>
      <Menu
        trigger={<Button icon="file" busy={busy} aria-label="Documents"><span className="hidden xl:inline">Documents</span></Button>}
        items={[
          { heading: 'For the client' }, ...CLIENT.map(entry),
          { label: 'Fill the client’s workbook…', icon: 'upload', onSelect: () => file.current?.click() },
          'separator',
          { heading: 'Internal' }, ...INTERNAL.map(entry),
        ]}
      />
      <input
        ref={file} type="file" accept=".xlsx" hidden aria-label="The client’s workbook"
        onChange={(event) => {
          const chosen = event.target.files?.[0]
          event.target.value = ''
          if (chosen) fill(chosen)
        }}
      />
    </>
  )
}
