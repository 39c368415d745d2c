import AxeBuilder from '@axe-core/playwright'
import { randomUUID } from 'node:crypto'
import type { Company } from '../src/api/types'
import { expect, test } from './fixtures'

const QUOTES = [
  { name: 'Ara Surfacing', rates: ['7.85', '289', '3.40'] },
  { name: 'Bright Roads', rates: ['7.40', '296.50', ''] },
] as const

test('a heading brings the items below it into a package, however deep', async ({ api, page, server }) => {
  const { id } = await api.estimate('Deep package')
  const [top = ''] = await api.edit(id, [{ op: 'add-heading', code: '2', name: 'Roadworks', place: 'last' }, { op: 'add-heading', code: '3', name: 'Nothing yet', place: 'last' }])
  const [deep = ''] = await api.edit(id, [{ op: 'add-heading', code: '2.1', name: 'Pavement', parentId: top, place: 'last' }])
  await api.edit(id, [top, deep].map((parentId, at) => ({ op: 'add-item' as const, parentId, place: 'last' as const, set: { code: `2.0${at}`, description: `Work ${at}`, unit: 'm2', quantity: '10', plugRate: '1', plugType: 'other' as const } })))
  await page.goto(`${server.current.url}/estimates/${id}/packages`)
  await page.getByRole('button', { name: 'New package' }).first().click()
  const dialog = page.getByRole('dialog')
  const picker = dialog.getByLabel('Add items by code or words')
  await picker.fill('Nothing yet')
  await page.getByRole('option', { name: /Nothing yet all items/ }).click()
  await expect(dialog.getByText('No item is below 3 Nothing yet.')).toBeVisible()
  await picker.fill('Roadworks')
  await page.getByRole('option', { name: /Roadworks all items/ }).click()
  await expect(dialog.getByText('2 items')).toBeVisible()
})

test('a package goes out, quotes come in, and the award reaches the estimate and back', async ({ api, page, server }) => {
  const mark = randomUUID().slice(0, 6)
  const { id } = await api.estimate(`Surfacing ${mark}`)
  const [heading = ''] = await api.edit(id, [{ op: 'add-heading', code: '2', name: 'Surfacing', place: 'last' }])
  await api.edit(id, ([['2.06', 'Chipseal', 'm2', '4250'], ['2.07', 'Asphalt', 't', '96.5'], ['2.08', 'Marking', 'm', '1900']] as const).map(([code, description, unit, quantity]) => ({
    op: 'add-item' as const, parentId: heading, place: 'last' as const, set: { code, description, unit, quantity, plugRate: '1', plugType: 'subcontract' as const },
  })))
  for (const { name } of QUOTES) await api.post<Company>('/companies', { name: `${name} ${mark}`, roles: { client: false, supplier: false, subcontractor: true } })
  await page.goto(`${server.current.url}/estimates/${id}/packages`)
  await expect(page.getByText('No packages yet')).toBeVisible()
  await page.getByRole('button', { name: 'New package' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Code', { exact: true }).fill('PKG-01')
  await dialog.getByLabel('Name', { exact: true }).fill('Surfacing')
  await dialog.getByLabel('Quotes by').fill('2035-05-01T12:00')
  await dialog.getByLabel('Add items by code or words').fill('Surfacing')
  await page.getByRole('option', { name: /Surfacing all items/ }).click()
  await expect(dialog.getByText('3 items')).toBeVisible()
  await dialog.getByRole('button', { name: 'Add package' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'PKG-01 Surfacing' })).toBeVisible()

  await page.getByRole('button', { name: 'Invite', exact: true }).click()
  for (const { name } of QUOTES) await dialog.getByText(`${name} ${mark}`).click()
  await dialog.getByRole('button', { name: 'Invite 2 companies' }).click()
  await page.getByRole('button', { name: 'Issue' }).click()
  const matrix = page.getByRole('table', { name: 'Comparison of quotes' })
  for (const { name, rates } of QUOTES) {
    await matrix.getByRole('button', { name: `${name} ${mark}` }).first().click()
    await page.getByRole('button', { name: 'Enter the quote' }).click()
    for (const [row, rate] of rates.entries()) {
      if (!rate) continue
      await matrix.getByRole('button', { name: new RegExp(`${name} ${mark}, 2.0${row + 6}`) }).click()
      await page.keyboard.type(rate)
      await page.keyboard.press('Enter')
    }
  }
  await expect(matrix.getByText('gap', { exact: true })).toHaveCount(1)
  const cell = matrix.getByRole('button', { name: new RegExp(`Bright Roads ${mark}, 2.08`) })
  await cell.click()
  await page.keyboard.type('0')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toContainText('zero')
  await page.keyboard.press('Escape')

  // An adjustment that is being typed outlives what else of the quote is saved.
  const quote = page.getByRole('complementary', { name: /^Quote of Bright Roads/ })
  await quote.getByRole('region', { name: 'Adjustments' }).getByRole('button', { name: 'Add' }).click()
  await quote.getByLabel('Reason of adjustment 1').fill('Sweeping after 48 h')
  await quote.getByLabel('Qualifications').fill('Days only')
  await quote.getByRole('button', { name: 'Save basis' }).click()
  await expect(matrix.getByText('Qualified')).toBeVisible()
  await expect(quote.getByLabel('Reason of adjustment 1')).toHaveValue('Sweeping after 48 h')
  await quote.getByRole('button', { name: 'Remove adjustment 1' }).click()
  await quote.getByLabel('Qualifications').fill('')
  await quote.getByRole('button', { name: 'Save basis' }).click()
  await expect(matrix.getByText('Qualified')).toHaveCount(0)

  await page.getByRole('button', { name: 'Compare' }).click()
  await expect(matrix.getByText('Lowest')).toBeVisible()
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag22aa']).analyze()
  expect(violations.map(({ id: rule, nodes }) => `${rule}: ${nodes[0]?.target.join(' ')}`)).toEqual([])
  await page.getByRole('button', { name: 'Award…' }).click()
  await expect(dialog).toContainText('BR-072')
  await expect(dialog.getByRole('button', { name: 'Award and transfer' })).toBeDisabled()
  await dialog.getByLabel('Why BR-072 is accepted').fill('Only two seal here')
  await expect(dialog).toContainText('66,522.25')
  await dialog.getByRole('button', { name: 'Award and transfer' }).click()
  await expect(page.getByText('Transferred')).toBeVisible()
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Actions of the package' }).click()
  await page.getByRole('menuitem', { name: 'Adjudication report' }).press('ArrowRight')
  await page.getByRole('menuitem', { name: 'PDF' }).click()
  expect((await saved).suggestedFilename()).toContain('PKG-01 adjudication.pdf')

  // What the company lets hold longer is saved on the awarded quote alone.
  await page.getByLabel('The award holds until').fill('2036-05-01T12:00')
  await page.getByRole('button', { name: 'Save validity' }).click()
  await expect(page.getByRole('button', { name: 'Save validity' })).toBeDisabled()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByText('Transferred')).toBeHidden()
})
