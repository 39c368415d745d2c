import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'
import type { Download, Page } from '@playwright/test'
import { test } from './fixtures'
import { Server } from './server'
import { CLIENT_SCHEDULE, GOLDEN, PRICE_LIST, Reader, costOf, expect, inDays, shown, told } from './tutorial'

/** The walk of docs/tutorial.md takes about a minute; a machine may be many times slower. */
const TIMEOUT_MS = 600_000
const STEP_MS = 60_000
const RATES = 22
const TOTAL_EX = told(GOLDEN.client_schedule.total_ex_gst)
const TOTAL_INC = told(GOLDEN.client_schedule.total_inc_gst)
/** Words of the inside of the estimate, none of which a file of the client may hold (BR-107). */
const INSIDE = [
  'Coastal', 'Ara Surfacing', 'Bright Roads', 'PLT-EX20', 'LAB-OP', 'MAT-AP65', 'CREW-STRIP', 'PIPE-LAY', 'Labour escalation', 'Ground contingency', 'overhead', 'Profit',
  'margin', 'Site supervision', ...[GOLDEN.margin_report.direct_cost, GOLDEN.margin_report.cost_total, GOLDEN.margin_report.margin].flatMap((figure) => [figure, shown(figure)]),
]

test.use({ actionTimeout: STEP_MS })

test('the tutorial prices a tender from nothing, from enquiry to won and hand-over', async ({ page }) => {
  test.setTimeout(TIMEOUT_MS)
  const server = await Server.empty()
  try {
    const reader = new Reader(page)
    await page.goto(server.url)
    await test.step('1 Start', () => start(reader))
    await test.step('2 Price book', () => priceBook(reader))
    await test.step('3 Recipes', () => recipes(reader))
    await test.step('4 Tender', () => tender(reader))
    await test.step('5 The client\'s schedule', () => schedule(reader))
    await test.step('6 Preliminary and general', () => preliminaries(reader))
    await test.step('7 Earthworks, pavement, drainage', () => works(reader))
    await test.step('8 Sums and indirect costs', () => indirects(reader))
    await test.step('9 Surfacing: quotes and award', () => surfacing(reader))
    await test.step('10 Commercials', () => commercials(reader))
    await test.step('11 Rounding, balancing item, rate lock', () => rounding(reader))
    await test.step('12 Offer text and drafts', () => drafts(reader))
    await test.step('13 Checks, approval, submission', () => submission(reader))
    await test.step('14 The files', () => files(reader))
    await test.step('15 Won, and hand-over', () => won(reader))
  } finally {
    server.stop()
  }
})

const HOUSE = 'Waihou Civil Limited'
const ADDRESS = ['12 Quarry Road, Waihou', '07 555 0100, tenders@example.co.nz']

async function start(reader: Reader) {
  const { page } = reader
  await page.getByRole('listitem').getByRole('button', { name: /^Administrator/ }).click()
  await reader.go('Letterhead')
  await page.getByLabel('Name of the organisation').fill(HOUSE)
  await reader.button('Save name').click()
  await expect(page.getByText('Name saved')).toBeVisible()
  await page.getByRole('textbox', { name: 'Letterhead' }).fill(ADDRESS.join('\n'))
  await reader.button('Save letterhead').click()
  await expect(page.getByText('Letterhead saved')).toBeVisible()
  await reader.button('Administrator: theme and sign out').click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('listitem').getByRole('button', { name: /^Lead Estimator/ }).click()
}

async function priceBook(reader: Reader) {
  const { page, dialog } = reader
  await reader.go('Resources')
  await reader.button('Price books').click()
  await reader.button('Import a price list…').click()
  await page.getByLabel('Price list', { exact: true }).setInputFiles(PRICE_LIST)
  await expect(page.getByRole('status').filter({ hasText: `${RATES} new resources` })).toBeVisible()
  await reader.button(`Take ${RATES} resources`).click()
  await reader.button('Publish…').click()
  await page.getByLabel('Why').fill('Rates for 2026')
  await reader.button('Publish').click()
  await expect(dialog).toHaveCount(0)

  await reader.button('Resources').click()
  await expect(page.getByText(`${RATES} resources`, { exact: true })).toBeVisible()
  await reader.button('New resource').click()
  await dialog.getByLabel('Code', { exact: true }).fill('OTH-UTE')
  await dialog.getByLabel('Type').selectOption({ label: 'Other' })
  await dialog.getByLabel('Description').fill('Site vehicle')
  await dialog.getByLabel('Unit').selectOption('wk')
  await dialog.getByLabel('Rate ex GST').fill('385')
  await dialog.getByRole('button', { name: 'Add resource' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(reader.button(/^Rate of OTH-UTE: 385\. Edit/)).toBeVisible()
  await expect(page.getByText(`${RATES + 1} resources`, { exact: true })).toBeVisible()
}

async function recipes(reader: Reader) {
  const { page } = reader
  const result = page.getByRole('region', { name: 'Result' })
  await reader.recipe('CREW-STRIP', 'Stripping crew', 'h', [['PLT-EX20', '1'], ['LAB-OP', '1'], ['LAB-LAB', '0.5'], ['PLT-TRK', '2']])
  await expect(result).toContainText(told('408.25'))
  await reader.saveRecipe()
  await reader.recipe('CREW-DRAIN', 'Drainage crew', 'h', [['PLT-EX8', '1'], ['LAB-OP', '1'], ['LAB-DL', '1'], ['LAB-LAB', '1']])
  await expect(result).toContainText(told('217.25'))
  await reader.saveRecipe()
  await reader.recipe('BEDDING', 'Pipe bedding GAP20, compacted', 'm3', [['MAT-GAP20', '1.9', '5'], ['PLT-CMP', '0.15'], ['LAB-LAB', '0.15']])
  await expect(result).toContainText(told('90.36'))
  await reader.saveRecipe()
  await reader.recipe('PIPE-LAY', 'Concrete pipe laid in trench, with bedding', 'm', [
    ['CREW-DRAIN', '1 / prod'], ['BEDDING', '(dia + 0.6) * (dia + 0.25) - 0.7854 * (dia + 0.07) * (dia + 0.07)'], ['MAT-RC300', '1 / 2.44', '2', '1'], ['PLT-CMP', '0.04 * depth'],
  ], [['dia', 'm', '0.1', '2.4'], ['depth', 'm', '0.6', '4.5'], ['prod', '', '0.5', '30']])
  const preview = page.getByRole('complementary', { name: 'Preview' })
  for (const [label, value] of [[/^Quantity/, '185'], [/^dia/, '0.3'], [/^depth/, '1.6'], [/^prod/, '4.2']] as const) await preview.getByLabel(label).fill(value)
  await expect(result).toContainText(costOf('3.01'))
  await reader.shot('recipe', 640)
  await reader.saveRecipe()
}

async function tender(reader: Reader) {
  const { page, dialog } = reader
  await reader.go('Tenders')
  await reader.button('New tender').first().click()
  await dialog.getByLabel('Number', { exact: true }).fill('T-2614')
  await dialog.getByLabel('Name', { exact: true }).fill('Waihou Road rehabilitation')
  await dialog.getByRole('combobox', { name: 'Client' }).fill('Waihou District Council')
  await dialog.getByLabel('Client’s reference').fill('WDC-C-2026/118')
  await dialog.getByLabel('Location').fill('Waihou Road, RP 2.40 to 4.55')
  await dialog.getByLabel('Closes').fill(inDays(21))
  await dialog.getByRole('button', { name: 'Create tender' }).click()
  await expect(page.getByText('This estimate has no rows yet')).toBeVisible()

  await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'T-2614' }).click()
  await page.getByLabel('Reason').fill('Our kind of work, and a crew is free')
  await reader.button('Go').click()
  await expect(page.getByText('Go: Our kind of work')).toBeVisible()
  await reader.button('Set state').click()
  await page.getByRole('menuitem', { name: 'Active' }).click()
  await page.getByRole('link', { name: /^BASE/ }).click()
  await expect(page.getByText('This estimate has no rows yet')).toBeVisible()
}

async function schedule(reader: Reader) {
  const { page, dialog } = reader
  await page.getByRole('link', { name: 'Import a schedule' }).click()
  await page.getByLabel('File to import').setInputFiles(CLIENT_SCHEDULE)
  await reader.button('Next: columns').click()
  await expect(page.getByLabel('Headings')).toHaveValue('level')
  await reader.button('Next: units').click()
  await reader.button('Next: preview').click()
  for (const [term, number] of [['Headings', '12'], ['Items', '13']] as const) await expect(page.locator('dl > div').filter({ has: page.getByRole('term').getByText(term, { exact: true }) })).toHaveText(`${term}${number}`)
  await reader.button(/^All rows/).click()
  await expect(page.getByRole('row').filter({ hasText: 'Strip topsoil' })).toContainText('Add')
  await reader.shot('import', 720)
  await reader.button('Import 13 items').click()
  await expect(reader.cell('2.03', 3)).toHaveText('180')
  await expect(reader.totals).toContainText('unpriced')

  await reader.cell('1.01', 1).click()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: /Find a row/ }).fill('variables')
  await expect(page.getByRole('option').first()).toContainText('Variables of the estimate')
  await page.keyboard.press('Enter')
  for (const [name, number] of [['bulk', '1.25'], ['prog_weeks', '7'], ['hours_per_week', '45']] as const) {
    await dialog.getByRole('button', { name: 'Add a variable' }).click()
    await dialog.getByLabel('Name', { exact: true }).last().fill(name)
    await dialog.getByLabel(`Formula of ${name}`).fill(number)
  }
  await dialog.getByRole('button', { name: 'Save variables' }).click()
  await expect(dialog).toHaveCount(0)
}

async function preliminaries(reader: Reader) {
  const { page } = reader
  await reader.select('1.01')
  await page.keyboard.press('F4')
  await reader.line('PLT-TRN', { method: 'Fixed', quantity: '12' })
  await reader.line('LAB-FM', { method: 'Fixed', quantity: '16' })
  await reader.line('OTH-FEN', { method: 'Fixed', quantity: '1' })
  await reader.startLine('Small tools', /^Free line/)
  await page.getByLabel('Method').selectOption({ label: 'Percent of' })
  await page.getByLabel('Percent', { exact: true }).fill('2.5')
  await page.getByRole('group', { name: 'Of which types' }).getByLabel('labour').check()
  await reader.button('Add line').click()
  await reader.costs('1.01')
  await expect(page.getByRole('treegrid', { name: 'Lines of the worksheet' })).toContainText(told('27.20'))
  await reader.type('1.02', 4, '18500')
  await reader.costs('1.02', shown('18500.00'))
  await expect(reader.cell('1', 5)).toHaveText(told('26485.20'))
}

async function works(reader: Reader) {
  const { page } = reader
  await reader.select('2.01')
  await reader.line('CREW-STRIP', { method: 'Time', production: '68' })
  await reader.costs('2.01')
  await expect(reader.cell('2.01', 4)).toHaveText(told('7.2333'))

  await reader.cell('2.02', 1).click()
  await subItem(page, 'Excavate and load (solid)', 'm3', '2400')
  await reader.grid.cell('Excavate and load', 0).click()
  await page.keyboard.type('2.02a')
  await page.keyboard.press('Enter')
  await expect(reader.cell('2.02a', 3)).toHaveText('2,400')
  await reader.cell('2.02', 1).click()
  await subItem(page, 'Haul and tip (loose)', 'm3', '2400 * bulk')
  await reader.grid.cell('Haul and tip', 0).click()
  await page.keyboard.type('2.02b')
  await page.keyboard.press('Enter')
  await expect(reader.cell('2.02b', 3)).toContainText('3,000')
  await reader.select('2.02a')
  await reader.line('PLT-EX20', { production: '95' })
  await reader.line('LAB-OP', { production: '95' })
  await reader.costs('2.02a', told('4565.63'))
  await reader.select('2.02b')
  await reader.line('PLT-TRK', { production: '9 / (42 / 60)' })
  await reader.line('OTH-TIP', { usage: '1' })
  await reader.costs('2.02b', told('67672.69'))
  await reader.costs('2.02')

  await reader.select('2.09')
  for (const code of ['PLT-EX20', 'PLT-HAM', 'LAB-OP']) await reader.line(code, { production: '5.5' })
  await expect(reader.cell('2.09', 4)).toHaveText(told('47.0975'))

  await reader.select('2.03')
  await reader.line('PLT-EX20', { production: '32', least: '8' })
  await reader.line('LAB-OP', { production: '32', least: '8' })
  await reader.line('PLT-TRK', { number: '1.5', production: '32' })
  await reader.line('OTH-TIP', { usage: 'bulk' })
  await reader.line('MAT-AP65', { usage: '2.2', waste: '5' })
  await reader.line('MAT-GEO', { usage: '2.6', waste: '10', packs: '100' })
  await reader.costs('2.03')
  const lines = page.getByRole('treegrid', { name: 'Lines of the worksheet' })
  for (const quantity of ['8 h × 98.00', '600 m² × 2.35']) await expect(lines).toContainText(quantity)
  await reader.shot('worksheet', 720)

  await reader.select('2.04')
  await reader.line('MAT-AP65', { usage: '2.15', waste: '3' })
  await reader.line('PLT-GRD', { production: '75' })
  await reader.line('PLT-ROL', { production: '75' })
  await reader.line('PLT-WC', { number: '0.5', production: '75' })
  await reader.line('LAB-OP', { number: '2', production: '75' })
  await reader.line('LAB-LAB', { production: '75' })
  await reader.costs('2.04')
  await sameGang(reader)

  await reader.select('3.01')
  await reader.line('PIPE-LAY', { params: { dia: '0.3', depth: '1.6', prod: '4.2' } })
  await reader.costs('3.01')
}

async function subItem(page: Page, description: string, unit: string, quantity: string) {
  await page.keyboard.press('Control+Alt+Enter')
  for (const text of [description, unit]) {
    await page.keyboard.type(text)
    await page.keyboard.press('Tab')
  }
  await page.keyboard.type(quantity)
  await page.keyboard.press('Enter')
}

/** 2.05 from the lines of 2.04: another material, another production. */
async function sameGang(reader: Reader) {
  const { page } = reader
  const lines = page.getByRole('treegrid', { name: 'Lines of the worksheet' })
  const add = page.getByRole('combobox', { name: 'Add a line: resource, recipe or free line' })
  await expect(lines.getByRole('rowgroup')).toHaveCount(6)
  await add.press('Escape')
  await expect(lines).toBeFocused()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Control+c')
  await expect(page.getByText('6 lines copied.')).toBeVisible()
  await reader.select('2.05')
  await page.keyboard.press('F4')
  await expect(add).toBeFocused()
  await page.keyboard.press('Control+v')
  await expect(lines.getByRole('rowgroup')).toHaveCount(6)
  await lines.getByText('MAT-AP65').click()
  await page.keyboard.press('Delete')
  await expect(lines.getByRole('rowgroup')).toHaveCount(5)
  for (const code of ['PLT-GRD', 'PLT-ROL', 'PLT-WC', 'LAB-OP', 'LAB-LAB']) {
    await lines.getByText(code, { exact: true }).click()
    await page.keyboard.press('Enter')
    await page.getByLabel(/^Production: /).fill('52')
    await page.keyboard.press('Enter')
    await expect(page.getByLabel(/^Production: /)).toHaveCount(0)
  }
  await reader.line('MAT-AP40', { usage: '2.25', waste: '2.5' })
  await reader.costs('2.05')
}

async function indirects(reader: Reader) {
  const { page, dialog } = reader
  await reader.cell('4.01', 1).click()
  await page.keyboard.press('Control+Enter')
  await page.keyboard.type('Contractor\'s percentage on 4.01')
  await page.keyboard.press('Tab')
  await page.keyboard.type('%')
  await page.keyboard.press('Enter')
  await reader.grid.cell('Contractor\'s percentage', 0).click()
  await page.keyboard.type('4.02')
  await page.keyboard.press('Enter')
  await reader.select('4.02')
  const details = page.getByRole('region', { name: 'Details of the item' })
  await details.getByRole('button', { name: /^Details/ }).click()
  await details.getByLabel('Type', { exact: true }).selectOption({ label: 'Percentage' })
  await details.getByLabel('Percent', { exact: true }).fill('8')
  await details.getByRole('combobox', { name: 'Of these items' }).fill('4.01')
  await page.getByRole('option', { name: /^4\.01/ }).click()
  await details.getByRole('button', { name: 'Save details' }).click()
  await expect(details.getByRole('button', { name: 'Save details' })).toHaveCount(0)
  await expect(reader.cell('4.02', 3)).toHaveText('')
  await expect(reader.cell('4.02', 7)).toHaveText(told('2000.00'))

  await reader.cell('4', 1).click()
  await page.keyboard.press('Control+Shift+h')
  await page.keyboard.type('Indirect costs (not scheduled)')
  await page.keyboard.press('Enter')
  await reader.grid.cell('Indirect costs', 0).click()
  await page.keyboard.type('9')
  await page.keyboard.press('Enter')
  await expect(reader.cell('9', 1)).toContainText('Indirect costs')
  await page.evaluate(() => navigator.clipboard.writeText('I.01\tSite supervision\twk\t7\nI.02\tSite office and vehicle\twk\t7'))
  await reader.cell('9', 0).click()
  await page.keyboard.press('Control+Shift+v')
  await expect(reader.cell('I.02', 3)).toHaveText('7')
  await reader.cell('I.01', 1).click()
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Control+e')
  await dialog.getByLabel('Type').selectOption({ label: 'Normal' })
  await dialog.getByLabel('Indirect').selectOption({ label: 'Yes' })
  await dialog.getByRole('button', { name: 'Change 2 rows' }).click()
  await expect(dialog).toHaveCount(0)
  await reader.select('I.01')
  await reader.line('LAB-FM', { method: 'Fixed', quantity: 'prog_weeks * hours_per_week' })
  await reader.line('LAB-SE', { method: 'Fixed', quantity: 'prog_weeks * hours_per_week * 0.5' })
  await reader.costs('I.01')
  await reader.select('I.02')
  await reader.line('OTH-OFF', { method: 'Fixed', quantity: 'prog_weeks' })
  await reader.line('OTH-UTE', { method: 'Fixed', quantity: 'prog_weeks' })
  await reader.costs('I.02')
  await expect(reader.totals).toContainText('3 unpriced')
}

const QUOTES = [
  { name: 'Ara Surfacing', key: 'A Ara Surfacing', gst: 'exclusive', rates: ['7.85', '289', '3.40'], reason: 'Establishment quoted separately', figure: '2850', own: true },
  { name: 'Bright Roads', key: 'B Bright Roads', gst: 'exclusive', rates: ['7.40', '296.50', ''], reason: 'Sweeping after 48 h excluded, our allowance', figure: '1450', own: false },
  { name: 'Coastal Bitumen', key: 'C Coastal Bitumen', gst: 'inclusive', rates: ['8.69', '322', '3.68'], reason: 'Discount if all three are awarded', figure: '-1.5 %', own: true },
] as const

async function surfacing(reader: Reader) {
  const { page, dialog, matrix } = reader
  await reader.tab('Packages').click()
  await reader.button('New package').first().click()
  await dialog.getByLabel('Code', { exact: true }).fill('PKG-01')
  await dialog.getByLabel('Name', { exact: true }).fill('Surfacing and marking')
  await dialog.getByLabel('Quotes by').fill(inDays(7))
  await dialog.getByLabel('Add items by code or words').fill('Surfacing and marking')
  await page.getByRole('option', { name: /Surfacing and marking all items/ }).click()
  await expect(dialog.getByText('3 items')).toBeVisible()
  await dialog.getByRole('button', { name: 'Add package' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'PKG-01 Surfacing and marking' })).toBeVisible()

  await reader.button('Invite').click()
  for (const { name } of QUOTES) await reader.company(name)
  await dialog.getByRole('button', { name: 'Invite 3 companies' }).click()
  await expect(dialog).toHaveCount(0)
  await reader.button('Issue').click()
  for (const { name, rates, ...more } of QUOTES) await reader.quote(name, { rates: [...rates], valid: inDays(183), ...more })
  await reader.button('Compare').click()
  await expect(matrix.getByText('gap', { exact: true })).toHaveCount(1)
  for (const { key } of QUOTES) {
    const quote = GOLDEN.adjudication.quotes[key]
    await expect(matrix.getByRole('row').filter({ hasText: 'Comparison total ex GST' })).toContainText(told(quote?.comparison_total ?? ''))
    await expect(matrix.getByRole('row').filter({ hasText: 'As they stand' })).toContainText(told(quote?.total_if_gst_were_ignored ?? ''))
  }
  await expect(matrix.getByRole('columnheader').filter({ hasText: 'Coastal Bitumen' })).toContainText('Lowest')
  await reader.button('Close the panel').click()
  await reader.shot('quotes', 430)
  await matrix.getByRole('button', { name: 'Coastal Bitumen', exact: true }).click()
  await reader.button('Award…').click()
  await expect(dialog).toContainText(costOf('2.06'))
  await dialog.getByRole('button', { name: 'Award and transfer' }).click()
  await expect(page.getByText('Transferred')).toBeVisible()

  await reader.openEstimate()
  for (const code of ['2.06', '2.07', '2.08']) await reader.costs(code)
  told(GOLDEN.margin_report.direct_cost)
  told(GOLDEN.margin_report.indirect_cost)
  await expect(await reader.grid.total()).toContainText(told('389496.83'))
  await reader.cell('3.01', 1).click()
  await reader.button('Close the panel').click()
  await reader.shot('estimate', 900)
}

async function commercials(reader: Reader) {
  const { page } = reader
  await reader.tab('Commercials').click()
  await reader.button('Add site indirects').click()
  await reader.keepRule('Site indirects', async () => {})
  const percent = (figure: string) => async (editor: ReturnType<Page['getByRole']>) => editor.getByLabel('Percent', { exact: true }).fill(figure)
  await reader.rule('Percent of cost', async (editor) => {
    await percent('3.5')(editor)
    await editor.getByLabel('Worked on').selectOption({ label: 'Cost of some types' })
    await editor.getByRole('group', { name: 'Cost types of the base' }).getByLabel('Labour').check()
  }, 'Labour escalation', 'Cost')
  await reader.rule('Percent of cost', async (editor) => {
    await percent('4')(editor)
    await editor.getByLabel('Acts on').selectOption({ label: 'Items under a heading' })
    await editor.getByRole('combobox', { name: 'Heading' }).fill('2.1')
    await page.getByRole('option', { name: /^2\.1 / }).click()
  }, 'Ground contingency', 'Cost')
  await reader.rule('Lump sum', (editor) => editor.getByLabel('Amount', { exact: true }).fill('6800'), 'Insurances and bond', 'Cost')
  await reader.rule('Percent of cost', percent('6.5'), 'Off-site overhead', 'Margin')
  await reader.rule('Percent of price', percent('8'), 'Profit', 'Margin')
  await expect(reader.rules.getByRole('row').filter({ hasText: 'Profit' })).toContainText(told('464469.78'))
}

async function rounding(reader: Reader) {
  const { page, rules } = reader
  const total = rules.getByRole('row').filter({ hasText: 'Tender sum, excl. GST' })
  const unlocked = GOLDEN.variants['V3 sell rate of 2.03 unlocked']
  await expect(rules.getByRole('row').filter({ hasText: 'Misclose' })).toContainText(told(unlocked?.misclose ?? ''))
  await expect(total).toContainText(told('491434.19'))
  await page.getByLabel('Balancing item').selectOption({ label: '1.01 Establishment and disestablishment' })
  await expect(total).toContainText(TOTAL_EX)

  await page.getByRole('navigation', { name: 'Commercials' }).getByRole('link', { name: 'Item prices' }).click()
  await page.getByRole('button', { name: `Rate of 2.03: ${told(unlocked?.rows_changed['2.03']?.[0] ?? '')}` }).click()
  await page.getByLabel('Sell rate of 2.03').fill('118')
  await reader.button('Rate-lock').click()
  await expect(page.getByRole('button', { name: `Rate of 2.03: ${told('118.00')}, rate-locked` })).toBeVisible()
  await expect(page.getByRole('table', { name: 'Item prices' }).getByRole('row').filter({ hasText: '2.03' })).toContainText(`-${told('4648.51')}`)
  await page.getByRole('navigation', { name: 'Commercials' }).getByRole('link', { name: 'Rules' }).click()
  await expect(total).toContainText(TOTAL_EX)
  await expect(rules.getByRole('row').filter({ hasText: 'GST 15 %' })).toContainText(told(GOLDEN.client_schedule.gst))
  await expect(rules.getByRole('row').filter({ hasText: 'Total incl. GST' })).toContainText(TOTAL_INC)
  await expect(page.getByText(`2.03 sells at ${told('21240.00')}, below its cost of ${told('22363.78')}.`)).toBeVisible()
  const margin = page.getByRole('complementary', { name: 'Margin and rounding' })
  await expect(margin).toContainText(told(GOLDEN.margin_report.cost_total))
  await expect(margin).toContainText(told(GOLDEN.margin_report.margin))
  await reader.shot('commercials', 900)
}

async function drafts(reader: Reader) {
  const { page } = reader
  await reader.tab('Offer text').click()
  for (const [kind, clause] of [['Inclusions', 'Traffic management for day work.'], ['Exclusions', 'Relocation of services beyond the provisional sum.']] as const) {
    await reader.button(`Add to ${kind}`).click()
    await page.getByRole('textbox', { name: `New clause of ${kind}` }).fill(clause)
    await page.keyboard.press('Control+Enter')
    await expect(page.getByRole('region', { name: kind }).getByRole('listitem')).toContainText(clause)
  }
  await reader.openEstimate()
  const draft = pdfText(await document(reader, 'Schedule of prices', 'PDF'))
  expect(draft).toContain('DRAFT')
  expect(draft).toContain(TOTAL_EX)
  const letter = pdfText(await document(reader, 'Tender letter', 'PDF'))
  for (const words of [TOTAL_EX, TOTAL_INC, 'Traffic management for day work.', 'Relocation of services', '90 days', 'Waihou District Council']) expect(letter).toContain(words)
  holdsNothingInside(draft + letter)
}

async function submission(reader: Reader) {
  const { page, dialog } = reader
  await reader.cell('1.01', 1).click()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Control+Shift+r')
  await expect(reader.grid.tree.getByRole('row').filter({ has: page.getByRole('img', { name: 'Priced' }) })).toHaveCount(0)
  await expect(page.getByRole('banner')).toContainText('Reviewed')
  await reader.tab('Submission').click()
  await reader.button('Approve').click()
  await page.getByLabel('Minutes of the settlement').fill('Settled: margin and undercut rate agreed')
  await dialog.getByRole('button', { name: 'Approve' }).click()
  await expect(dialog).toHaveCount(0)
  const checks = page.getByRole('region', { name: 'Checks' })
  await expect(checks).toContainText('2 open')
  for (const [found, reason] of [['1.02', 'Rate of the last three jobs'], ['2.03', 'Quantity is likely to shrink']] as const) {
    await checks.getByRole('listitem').filter({ hasText: found }).getByRole('button', { name: 'Accept' }).last().click()
    await dialog.getByLabel('Reason').fill(reason)
    await dialog.getByRole('button', { name: 'Accept' }).click()
    await expect(checks.getByText(reason)).toBeVisible()
  }
  await expect(checks).toContainText('all in order')
  await reader.button('Submit').click()
  await dialog.getByRole('button', { name: 'Submit' }).click()
  await expect(page.getByText('This revision is frozen.')).toBeVisible()
  await reader.shot('submission', 590)
}

async function files(reader: Reader) {
  const { page } = reader
  const get = async (name: RegExp) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()])
    return bytesOf(download)
  }
  const sent = await get(/schedule of prices\.pdf$/)
  reader.shotOfPdf('pdf', sent)
  const pdf = pdfText(sent)
  const sheet = workbookText(await get(/\.xlsx$/))
  expect(pdf).not.toContain('DRAFT')
  for (const section of GOLDEN.headings.filter((one) => /^[1-4]$/.test(one.code))) expect(pdf).toContain(told(section.sell))
  for (const { amount } of GOLDEN.client_schedule.rows) if (amount) expect(pdf).toContain(shown(amount))
  for (const figure of [TOTAL_EX, TOTAL_INC]) expect(pdf).toContain(figure)
  for (const figure of [GOLDEN.client_schedule.total_ex_gst, GOLDEN.client_schedule.total_inc_gst]) expect(sheet).toContain(figure)
  for (const line of [HOUSE, ...ADDRESS]) expect(pdf).toContain(line)
  for (const file of [pdf, sheet]) expect(file).not.toContain('Indirect costs')
  const letter = pdfText(await get(/tender letter\.pdf$/))
  for (const words of [TOTAL_EX, 'Signature', 'Position']) expect(letter).toContain(words)
  expect(letter).not.toContain('DRAFT')
  holdsNothingInside(pdf + sheet + letter)
}

async function won(reader: Reader) {
  const { page, dialog } = reader
  await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'T-2614' }).click()
  await reader.button('Set state').click()
  await page.getByRole('menuitem', { name: 'Won' }).click()
  await expect(dialog.getByLabel('Price accepted, ex GST')).toHaveValue(GOLDEN.client_schedule.total_ex_gst)
  await reader.button('Record as won').click()
  await expect(page.getByText(`Won at ${TOTAL_EX} ex GST.`)).toBeVisible()
  const budget = `Budget of ${GOLDEN.handover_budget.rows.length} rows, ${told(GOLDEN.handover_budget.total)}`
  await expect(page.getByText(budget)).toBeVisible()
  await reader.button('Hand over').click()
  await expect(page.getByText('Prepared', { exact: true })).toBeVisible()
  await reader.button('Confirm').click()
  await expect(page.getByText('Confirmed', { exact: true })).toBeVisible()
  await reader.shot('won', 730)
}

// ---- files

async function document(reader: Reader, name: string, format: string): Promise<Buffer> {
  const { page } = reader
  await reader.button('Documents').click()
  await page.getByRole('menuitem', { name, exact: true }).press('ArrowRight')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: format }).click()])
  return bytesOf(download)
}

async function bytesOf(download: Download): Promise<Buffer> {
  return readFileSync(await download.path())
}

function pdfText(pdf: Buffer): string {
  return execFileSync('pdftotext', ['-layout', '-', '-'], { input: pdf, encoding: 'utf8' })
}

const CENTRAL_FILE = 0x02014b50
const LOCAL_HEADER_BYTES = 30
const CENTRAL_HEADER_BYTES = 46

/** Every text and figure a workbook holds, without its markup. */
function workbookText(zip: Buffer): string {
  const parts: string[] = []
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  let at = zip.readUInt32LE(end + 16)
  while (zip.readUInt32LE(at) === CENTRAL_FILE) {
    const [packed, nameLength, extra, comment, local] = [zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32), zip.readUInt32LE(at + 42)]
    const from = local + LOCAL_HEADER_BYTES + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
    const body = zip.subarray(from, from + packed)
    parts.push((zip.readUInt16LE(at + 10) === 0 ? body : inflateRawSync(body)).toString('utf8'))
    at += CENTRAL_HEADER_BYTES + nameLength + extra + comment
  }
  return parts.join('\n').replace(/<[^>]*>/g, '\n')
}

function holdsNothingInside(text: string): void {
  for (const word of INSIDE) expect(text).not.toContain(word)
}
