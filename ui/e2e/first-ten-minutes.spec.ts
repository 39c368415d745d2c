import { readFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'

const LETTING = fileURLToPath(new URL('../../../shared/data/indot-lettings-2026-05-07.csv', import.meta.url))
/** The contract the wizard offers first: its items, without the bidder's prices. */
const ITEMS = 92
/** A workbook of this many rows: more than an empty one, less than a mistake. */
const WORKBOOK_BYTES = { least: 6_000, most: 500_000 }
const LOCAL_FILE = 0x04034b50

/** Adds a line to the worksheet of the active item by typing a few letters; the best match is taken with Enter. */
async function addLine(page: Page, letters: string, inputs: Record<string, string>) {
  await page.getByRole('combobox', { name: 'Add a line: resource, recipe or free line' }).fill(letters)
  await expect(page.getByRole('option', { name: new RegExp(`${letters} `) }).first()).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('Enter')
  const add = page.getByRole('button', { name: 'Add line' })
  await expect(add).toBeVisible()
  for (const [label, text] of Object.entries(inputs)) await page.getByLabel(label).fill(text)
  await page.keyboard.press('Enter')
  await expect(add).toHaveCount(0)
}

test('the first ten minutes go as the README tells them', async ({ grid, page, server }) => {
  test.setTimeout(300_000)
  const total = await grid.total()

  await test.step('sign in and open the priced tender', async () => {
    await page.goto(server.current.url)
    await page.getByRole('listitem').getByRole('button', { name: /Hana Reweti/ }).click()
    await page.getByRole('row').filter({ hasText: 'Waihou Road rehabilitation' }).getByRole('link', { name: /BASE/ }).click()
    await expect(total).toContainText('389,496.83')
  })

  await test.step('a quantity repaints the item, its headings and the totals; Ctrl+Z takes it back', async () => {
    await grid.cell('Strip topsoil', 3).click()
    await page.keyboard.type('1700')
    await page.keyboard.press('Enter')
    await expect(grid.cell('Strip topsoil', 3)).toHaveText('1,700')
    await expect(grid.cell('Strip topsoil', 5)).toHaveText('12,296.69')
    await expect(grid.cell('Earthworks', 5).first()).toHaveText('103,322.90')
    await expect(total).toContainText('395,645.18')
    await page.keyboard.press('Control+z')
    await expect(grid.cell('Strip topsoil', 5)).toHaveText('6,148.34')
    await expect(total).toContainText('389,496.83')
  })

  await test.step('a new tender opens its empty estimate', async () => {
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Tenders', exact: true }).click()
    await page.getByRole('button', { name: 'New tender' }).click()
    await page.getByLabel('Number', { exact: true }).fill(`T-${randomUUID().slice(0, 8)}`)
    await page.getByLabel('Name', { exact: true }).fill('Bridge deck overlay')
    await page.getByRole('button', { name: 'Create tender' }).click()
    await expect(page.getByText('This estimate has no rows yet')).toBeVisible()
  })

  await test.step('one contract of a real letting goes in, unpriced', async () => {
    await page.getByRole('link', { name: 'Import a schedule' }).click()
    await page.getByLabel('File to import').setInputFiles(LETTING)
    await page.getByRole('button', { name: 'Next: columns' }).click()
    await expect(page.getByLabel('Filter 1: value')).toHaveValue('B -43355-A')
    await page.getByLabel('Rates of the file').selectOption('ignore')
    await page.getByRole('button', { name: 'Next: units' }).click()
    await page.getByRole('button', { name: 'Next: preview' }).click()
    await page.getByRole('button', { name: `Import ${ITEMS} items` }).click()
    await expect(page.getByRole('region', { name: 'Totals' })).toContainText(`${ITEMS} unpriced`)
  })

  await test.step('three items are priced from resources and a recipe', async () => {
    await grid.cell('CLEARING RIGHT-OF-WAY', 3).click()
    await addLine(page, 'LAB-OP', { 'Production: LS per hour': '9 / (42 / 60) / 100' })
    await expect(grid.cell('CLEARING RIGHT-OF-WAY', 5)).not.toHaveText('–')
    await grid.cell('PAVEMENT REMOVAL', 3).click()
    await addLine(page, 'PLT-EX20', { 'Production: SY per hour': '40' })
    await expect(grid.cell('PAVEMENT REMOVAL', 5)).not.toHaveText('–')
    await expect(page.getByRole('region', { name: 'Totals' })).toContainText(`${ITEMS - 2} unpriced`)
    const before = (await total.textContent()) ?? ''
    await grid.cell('EXCAVATION, COMMON', 3).click()
    await addLine(page, 'PIPE-LAY', { 'Usage per CY: a number or a formula': '0.5', 'Parameter dia': '0.3', 'Parameter depth': '1.5', 'Parameter prod': '6' })
    await expect(grid.cell('EXCAVATION, COMMON', 5)).not.toHaveText('–')
    await expect(total).not.toHaveText(before)
    await grid.cell('EXCAVATION, COMMON', 3).click()
    await page.keyboard.press('Control+z')
    await expect(grid.cell('EXCAVATION, COMMON', 5)).toHaveText('–')
    await expect(total).toHaveText(before)
    await page.keyboard.press('Control+y')
    await expect(page.getByRole('region', { name: 'Totals' })).toContainText(`${ITEMS - 3} unpriced`)
  })

  await test.step('the shortcuts, the palette and the checks are a key away', async () => {
    await page.keyboard.press('?')
    await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: /Find a row/ }).fill('checks')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: /BORROW|203-02070/ }).click()
    await expect(grid.tree.locator('.grid-row.current')).toContainText('BORROW')
  })

  await test.step('the workbook arrives', async () => {
    await page.getByRole('button', { name: 'Export' }).click()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: /Excel/ }).click()])
    expect(download.suggestedFilename()).toMatch(/\.xlsx$/)
    const bytes = readFileSync(await download.path())
    expect(bytes.readUInt32LE(0)).toBe(LOCAL_FILE)
    expect(bytes.length).toBeGreaterThan(WORKBOOK_BYTES.least)
    expect(bytes.length).toBeLessThan(WORKBOOK_BYTES.most)
  })
})
