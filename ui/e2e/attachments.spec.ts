import AxeBuilder from '@axe-core/playwright'
import { readFile } from 'node:fs/promises'
import { Api, expect, test, withUi } from './fixtures'

const PDF = Buffer.from('%PDF-1.7 a drawing of a culvert')

test('files are attached to a row and a tender, saved byte for byte, and removed', async ({ api, browser, grid, page, server }) => {
  const { estimateId } = await api.schedule('Attached')
  await grid.open(server.current.url, estimateId)
  await grid.cell('Culvert', 1).click()
  await page.getByRole('tab', { name: 'Files' }).click()
  const files = page.getByRole('region', { name: 'Files' })
  await expect(files.getByText('Nothing is attached to this row.')).toBeVisible()
  await files.getByLabel('Files to attach').first().setInputFiles({ name: 'culvert.pdf', mimeType: 'application/pdf', buffer: PDF })
  const link = files.getByRole('button', { name: 'culvert.pdf', exact: true }).first()
  await expect(link).toBeVisible()
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.target.join(' ')}`)).toEqual([])
  const [saved] = await Promise.all([page.waitForEvent('download'), link.click()])
  expect(saved.suggestedFilename()).toBe('culvert.pdf')
  expect(await readFile(await saved.path())).toEqual(PDF)

  // Another row has none of it; a program in a drawing's clothes is refused in words.
  await grid.cell('Strip topsoil', 1).click()
  await expect(files.getByText('Nothing is attached to this row.')).toBeVisible()
  await files.getByLabel('Files to attach').first().setInputFiles({ name: 'plan.pdf', mimeType: 'application/pdf', buffer: Buffer.from('MZ\x90\x00') })
  await expect(page.getByText('this file is no .pdf by its content')).toBeVisible()

  // The tender lists what is attached anywhere in it, and says to what.
  await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link').first().click()
  await expect(page.getByRole('heading', { name: 'Go or no-go' })).toBeVisible()
  const own = page.getByRole('region', { name: 'Files' })
  await expect(own.getByRole('listitem').filter({ hasText: 'culvert.pdf' })).toContainText('item')
  await own.getByLabel('Files to attach').setInputFiles([
    { name: 'notice 1.txt', mimeType: 'text/plain', buffer: Buffer.from('The closing date moves.') }, { name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from('\x89PNG\r\n\x1a\n....', 'latin1') },
  ])
  await expect(own.getByRole('listitem')).toHaveCount(3)

  // An Estimator saves them, and removes only what they attached themselves.
  const theirs = await withUi(await browser.newContext())
  try {
    await new Api(theirs.request, server.current.url).signIn('estimator')
    const priya = await theirs.newPage()
    await priya.goto(page.url())
    await expect(priya.getByRole('button', { name: 'notice 1.txt', exact: true })).toBeVisible()
    await expect(priya.getByRole('button', { name: 'Remove notice 1.txt' })).toHaveCount(0)
    await priya.getByLabel('Files to attach').setInputFiles({ name: 'mine.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n') })
    await expect(priya.getByRole('button', { name: 'Remove mine.csv' })).toBeVisible()
  } finally {
    await theirs.close()
  }
  // It shows here without asking for it.
  await expect(own.getByRole('listitem').filter({ hasText: 'mine.csv' })).toBeVisible()
  await own.getByRole('button', { name: 'Remove notice 1.txt' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove file' }).click()
  await expect(own.getByRole('listitem').filter({ hasText: 'notice 1.txt' })).toHaveCount(0)
})
