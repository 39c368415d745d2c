import { readFile } from 'node:fs/promises'
import { expect, test } from './fixtures'

const task = (uid: number, name: string, days: number) => `<Task><UID>${uid}</UID><ID>${uid}</ID><Name>${name}</Name><OutlineLevel>1</OutlineLevel><Summary>0</Summary><Duration>PT${days * 8}H0M0S</Duration></Task>`
const programme = (...tasks: string[]) => ({
  name: 'works.xml', mimeType: 'application/xml',
  buffer: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?><Project xmlns="http://schemas.microsoft.com/project"><Title>Works</Title><MinutesPerDay>480</MinutesPerDay><Tasks>${tasks.join('')}</Tasks></Project>`),
})

test('durations of a programme become variables, and the estimate a programme', async ({ api, grid, page, server }) => {
  const { estimateId, items } = await api.schedule('Programmed')
  await grid.open(server.current.url, estimateId)
  const dialog = page.getByRole('dialog', { name: 'Variables of the estimate' })
  const variables = () => page.getByRole('button', { name: 'Variables' }).click()
  await variables()
  await dialog.getByLabel('Programme', { exact: true }).setInputFiles(programme(task(3, 'Strip', 4), task(7, 'Drains', 12)))
  await expect(page.getByText('2 durations came.')).toBeVisible()
  await expect(dialog).toHaveCount(0)
  await variables()
  await expect(dialog.getByLabel('Formula of task_7')).toHaveValue('12')
  await page.keyboard.press('Escape')

  // A formula uses one that the next programme no longer has: it stays for a reason.
  await api.edit(estimateId, [{ op: 'update-item', id: items[0] ?? '', set: { quantity: 'task_7 * 2' } }])
  await expect(grid.cell('Strip topsoil', 3)).toContainText('24')
  await variables()
  await dialog.getByLabel('Programme', { exact: true }).setInputFiles(programme(task(3, 'Strip', 5)))
  await expect(dialog.getByRole('alert')).toContainText('task_7')
  await dialog.getByLabel('Why they stay as they are').fill('The drains are let as one sum')
  await dialog.getByRole('button', { name: 'Take in and keep them' }).click()
  await expect(page.getByText('1 changed, 1 kept without a task.')).toBeVisible()

  await page.getByRole('button', { name: 'Export' }).click()
  const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Programme for MS Project (.xml)' }).click()])
  expect(saved.suggestedFilename()).toMatch(/programme\.xml$/)
  const text = await readFile(await saved.path(), 'utf8')
  expect(text).toContain('http://schemas.microsoft.com/project')
  expect(text).toContain('1.03 Culvert')
})
