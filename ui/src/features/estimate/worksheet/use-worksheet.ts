import { useQuery } from '@tanstack/react-query'
import { api, isProblem } from '~/api/client'
import type { Edit, Place, Reprice, Worksheet } from '~/api/types'
import { toast } from '~/ui/toast'
import { count } from '~/ui/words'
import { uuidV7 } from '../model/paste'
import { worksheetQuery } from '../model/session'
import type { Workspace } from '../workspace'
import { writeTsv } from '../grid/tsv'
import { type LineInput, changesOf, inputOf, inputsOf, lineName, lineText } from './methods'

/** Lines copied in this tab, to be pasted into another worksheet, and the text that stands for them on the clipboard. */
let copied: { itemId: string; lineIds: string[]; text: string } | null = null

/** The worksheet of one item and what can be done to it; every action is one commit. */
export function useWorksheet(workspace: Workspace, itemId: string, itemName: string, plugged: boolean, wanted: boolean) {
  const { session } = workspace
  const estimateId = session.estimateId
  const query = useQuery({ ...worksheetQuery(estimateId, itemId), enabled: wanted })
  const sheet = query.data

  /** Throws the refusal, so that the editor can show it at its field. */
  const send = async (label: string, edits: Edit[]) => {
    if (workspace.frozen) throw new Error('This estimate is frozen. Make a new revision to change it.')
    const result = await session.submit(edits, { label })
    if (!result.worksheets.includes(itemId)) void session.client.invalidateQueries({ queryKey: worksheetQuery(estimateId, itemId).queryKey })
    return result
  }
  /** Reports the refusal as a toast. */
  const attempt = async (label: string, edits: Edit[]) => {
    try {
      return await send(label, edits)
    } catch (error) {
      workspace.report(label, error)
      return null
    }
  }
  const show = (change: (now: Worksheet) => Worksheet) => session.client.setQueryData<Worksheet>(worksheetQuery(estimateId, itemId).queryKey, (now) => (now ? change(now) : now))
  const nameOf = (lineId: string) => {
    const line = sheet?.lines.find((one) => one.id === lineId)
    return line ? lineName(line).code || lineName(line).name : 'line'
  }

  return {
    query, sheet,
    addLine: async (input: LineInput, place: Place | undefined) => {
      const id = uuidV7()
      const line = Object.fromEntries(Object.entries({ ...input, ...inputsOf(input) }).filter(([, value]) => value !== null && value !== '')) as unknown as LineInput
      // A plug gives way to the worksheet that replaces it (BR-023), in one step.
      const unplug: Edit[] = plugged ? [{ op: 'update-item', id: itemId, set: { plugRate: null } }] : []
      await send(plugged ? `Price ${itemName} in place of its plug` : `Add a line to ${itemName}`, [...unplug, { op: 'add-line', itemId, id, ...(place ? { place } : {}), line }])
      return id
    },
    updateLine: async (lineId: string, input: LineInput) => {
      const line = sheet?.lines.find((one) => one.id === lineId)
      if (!line) return
      const set = changesOf(inputOf(line), input)
      if (Object.keys(set).length === 0) return
      await send(`${nameOf(lineId)} of ${itemName}`, [{ op: 'update-line', itemId, lineId, set }])
    },
    deleteLines: (lineIds: string[]) => {
      show((now) => ({ ...now, lines: now.lines.filter((line) => !lineIds.includes(line.id)) }))
      return attempt(lineIds.length === 1 ? `Delete ${nameOf(lineIds[0] ?? '')} from ${itemName}` : `Delete ${count(lineIds.length, 'line')} from ${itemName}`, [{ op: 'delete-lines', itemId, lineIds }])
        .then((result) => { if (!result) void query.refetch() })
    },
    moveLine: (lineId: string, by: -1 | 1) => {
      const lines = sheet?.lines ?? []
      const at = lines.findIndex((line) => line.id === lineId)
      const target = lines[at + by]
      if (at < 0 || !target) return
      show((now) => {
        const next = [...now.lines]
        const [moved] = next.splice(at, 1)
        if (moved) next.splice(at + by, 0, moved)
        return { ...now, lines: next }
      })
      void attempt(`Move ${nameOf(lineId)} in ${itemName}`, [{ op: 'move-line', itemId, lineId, place: by < 0 ? { before: target.id } : { after: target.id } }]).then((result) => { if (!result) void query.refetch() })
    },
    duplicate: (lineIds: string[]) => attempt(`Copy ${count(lineIds.length, 'line')} in ${itemName}`, [{ op: 'copy-lines', fromItemId: itemId, lineIds, toItemId: itemId }]),
    copy: (lineIds: string[]) => {
      const chosen = sheet?.lines.filter((line) => lineIds.includes(line.id)) ?? []
      copied = { itemId, lineIds, text: writeTsv(chosen.map(lineText)) }
      // Where the browser does not allow it the lines are copied all the same, for oxFlow only.
      void navigator.clipboard?.writeText(copied.text).catch(() => undefined)
      toast.info(`${count(lineIds.length, 'line')} copied. Paste into this or another worksheet with Ctrl+V.`)
    },
    /** Whether a pasted text is that of the lines copied last. */
    isCopied: (text: string) => copied !== null && copied.text.trim() === text.replaceAll('\r\n', '\n').trim(),
    paste: () => {
      if (!copied) { toast.info('No lines have been copied yet.'); return }
      return attempt(`Paste ${count(copied.lineIds.length, 'line')} into ${itemName}`, [{ op: 'copy-lines', fromItemId: copied.itemId, lineIds: copied.lineIds, toItemId: itemId }])
    },
    reprice: async (lineIds: string[]) => {
      try {
        // The line shows the rate it has and the current one: that is what has been seen (BR-050).
        const { preview } = await api.post<Reprice>(`/estimates/${estimateId}/reprice`, { lineIds, apply: false }, { idempotencyKey: null })
        const done = await api.post<Reprice>(`/estimates/${estimateId}/reprice`, { lineIds, preview, apply: true })
        if (done.result) session.applyResult(done.result)
        else session.reload()
        toast.done('The line has the current rate', { detail: `Cost changes by ${done.effect}.` })
      } catch (error) {
        workspace.report('Reprice the line', error)
      }
    },
    setDefinitions: (set: { variables?: { name: string; formula: string; note?: string | null }[]; blocks?: { name: string; formula: string; unit?: string | null; note?: string | null }[] }) =>
      send(`Variables of ${itemName}`, [{ op: 'worksheet', itemId, ...(sheet ? { version: sheet.version } : {}), ...set }]),
  }
}

export type WorksheetActions = ReturnType<typeof useWorksheet>

export function refusalWords(error: unknown): string {
  const violation = isProblem(error) ? error.violations[0] : undefined
  return violation ? `${violation.rule}: ${violation.message}` : error instanceof Error ? error.message : 'It was refused.'
}
