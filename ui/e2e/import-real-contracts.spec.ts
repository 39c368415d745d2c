import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { Grid, expect, test } from './fixtures'

/** Public lettings beside the project; its README says what they are. */
const file = (name: string) => fileURLToPath(new URL(`../../../shared/data/${name}`, import.meta.url))
const CSV = 'indot-lettings-2026-05-07.csv'
const CONTRACTS = 10

/** A decimal without its point, and how many digits stood after it. */
function scaled(text: string): { units: bigint; scale: number } {
  const [whole = '0', fraction = ''] = text.split('.')
  return { units: BigInt(whole + fraction), scale: fraction.length }
}

/** Quantity x unit price in cents, half a cent away from zero. */
function cents(quantity: string, price: string): bigint {
  const q = scaled(quantity)
  const p = scaled(price)
  const divisor = 10n ** BigInt(q.scale + p.scale)
  const twice = q.units * p.units * 200n
  return (twice < 0n ? twice - divisor : twice + divisor) / (2n * divisor)
}

function money(total: bigint): string {
  const digits = total.toString().padStart(3, '0')
  return `${digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',')}.${digits.slice(-2)}`
}

function readCsv(text: string): string[][] {
  return text.split(/\r?\n/).filter(Boolean)
    .map((line) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replace(/""/g, '"') ?? plain ?? ''))
}

interface Schedule { contract: string; bidder: string; items: number; total: bigint }

/** One schedule for each contract: the bids of its winner and of its last bidder, turn about. */
function schedules(): Schedule[] {
  const [head = [], ...rows] = readCsv(readFileSync(file(CSV), 'utf8'))
  const at = (row: string[], name: string) => row[head.indexOf(name)] ?? ''
  const contracts = new Map<string, Map<string, Schedule>>()
  for (const row of rows) {
    const contract = at(row, 'ProjectID')
    const bidder = at(row, 'Bidder Name')
    const bidders = contracts.get(contract) ?? new Map<string, Schedule>()
    const schedule = bidders.get(bidder) ?? { contract, bidder, items: 0, total: 0n }
    schedule.items += 1
    schedule.total += cents(at(row, 'Quantity'), at(row, 'Unit Price'))
    contracts.set(contract, bidders.set(bidder, schedule))
  }
  return [...contracts.values()].map((bidders, index) => {
    const all = [...bidders.values()]
    const chosen = index % 2 === 0 ? all[0] : all.at(-1)
    if (!chosen) throw new Error('a contract without a bidder')
    return chosen
  })
}

/** The wizard as a person goes through it, from the file to the estimate with its rows. */
async function importThrough(page: Page, name: string, filters: [column: RegExp, value: string][], items: number, total: string) {
  await page.getByLabel('File to import').setInputFiles(file(name))
  await expect(page.getByRole('button', { name: 'Row 1 holds the column headings' })).toBeVisible()
  await page.getByRole('button', { name: 'Next: columns' }).click()
  // What the file is offered stands there with its columns.
  await expect(page.getByLabel(/^Column A .* holds$/)).toBeVisible()
  for (const [index, [column, value]] of filters.entries()) {
    const select = page.getByLabel(`Filter ${index + 1}: column`)
    // A file with one contract is offered no filter on it.
    if ((await select.count()) === 0) await page.getByRole('button', { name: 'Add a filter' }).click()
    await expect(select).toBeVisible()
    const label = (await select.locator('option').allInnerTexts()).find((option) => column.test(option))
    await select.selectOption({ label: label ?? `no column ${column.source}` })
    await page.getByLabel(`Filter ${index + 1}: value`).selectOption(value)
  }
  for (const [letter, role] of [['A', 'code'], ['B', 'description'], ['C', 'quantity'], ['D', 'unit'], ['E', 'rate']]) {
    await expect(page.getByLabel(new RegExp(`^Column ${letter} .* holds$`))).toHaveValue(role ?? '')
  }
  await expect(page.getByText(`${items} items for ${total}`)).toBeVisible()
  await page.getByRole('button', { name: 'Next: units' }).click()
  await expect(page.getByText(/Every unit is known|not in the unit list/)).toBeVisible()
  await expect(page.getByText('still open')).toHaveCount(0)
  await page.getByRole('button', { name: 'Next: preview' }).click()
  await page.getByRole('button', { name: `Import ${items} items` }).click()
}

async function expectTotal(page: Page, items: number, total: string) {
  const grid = new Grid(page)
  await expect(await grid.total()).toContainText(total)
  await expect(page.getByRole('region', { name: 'Totals' })).toContainText(`${items} items`)
}

test('ten real contracts go through the wizard and total to the cent', async ({ api, page, server }) => {
  test.setTimeout(240_000)
  const all = schedules()
  expect(all).toHaveLength(CONTRACTS)
  for (const { contract, bidder, items, total } of all) {
    await test.step(`${contract}, ${bidder}: ${items} items, ${money(total)}`, async () => {
      const { id } = await api.estimate(contract)
      await page.goto(`${server.current.url}/estimates/${id}/import`)
      await importThrough(page, CSV, [[/ProjectID$/, contract], [/Bidder Name$/, bidder]], items, money(total))
      await expectTotal(page, items, money(total))
    })
  }
})

/** Items, and quantity x unit price rounded to cents row by row: worked out from the workbooks with another reader of the format. */
const WORKBOOKS = [
  { name: 'indot-letting-2025-11-19.xls', contract: 'R -42570-A', items: 46, total: '318,999,444.60' },
  { name: 'indot-letting-2025-02-26.xls', contract: 'R -38912-A', items: 614, total: '112,732,000.00' },
  { name: 'indot-letting-2025-02-26.xls', contract: 'R -44969-A', items: 31, total: '162,305,009.00' },
]

test('real workbooks of the old Excel format total to the cent too', async ({ api, page, server }) => {
  for (const { name, contract, items, total } of WORKBOOKS) {
    await test.step(`${contract} of ${name}`, async () => {
      const { id } = await api.estimate(contract)
      await page.goto(`${server.current.url}/estimates/${id}/import`)
      await importThrough(page, name, [[/ProjectID$/, contract], [/ Pos$/, '1']], items, total)
      await expectTotal(page, items, total)
    })
  }
})
