import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from '@playwright/test'
import { Grid, expect as plain } from './fixtures'

/** A step is seen within seconds; a machine may be many times slower. */
const SEEN_MS = 30_000
/** A changed figure has stopped flashing. */
const FLASHED_MS = 1_500
export const expect = plain.configure({ timeout: SEEN_MS })

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
/** The files the page hands out. */
export const PRICE_LIST = at('../../docs/tutorial/price-list.csv')
export const CLIENT_SCHEDULE = at('../../docs/tutorial/client-schedule.csv')
const PAGE_TEXT = readFileSync(at('../../docs/tutorial.md'), 'utf8')
/** OXFLOW_SHOTS=<folder>: keeps the pictures of the page there. */
const SHOTS = process.env.OXFLOW_SHOTS

interface Golden {
  items: { code: string; cost: string; cost_rate: string }[]
  rules: { name: string; amount: string }[]
  headings: { code: string; name: string; direct: string; sell: string }[]
  adjudication: { quotes: Record<string, { comparison_total: string; total_if_gst_were_ignored: string }> }
  client_schedule: { rows: { code: string; rate: string | null; amount: string | null }[]; total_ex_gst: string; gst: string; total_inc_gst: string }
  margin_report: Record<'direct_cost' | 'indirect_cost' | 'cost_total' | 'margin', string>
  handover_budget: { rows: unknown[]; total: string }
  variants: Record<string, { misclose: string; rows_changed: Record<string, [string, string]> }>
}
export const GOLDEN = JSON.parse(readFileSync(at('../../../shared/golden/worked_example.json'), 'utf8')) as Golden

/** "7985.20" as it is shown: "7,985.20". */
export function shown(figure: string): string {
  const [whole = '', cents] = figure.split('.')
  return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (cents === undefined ? '' : `.${cents}`)
}

/** A figure of the worked example as it is shown; the page has to name it too. */
export function told(figure: string): string {
  const text = shown(figure)
  expect(PAGE_TEXT, `the page names ${text}`).toContain(text)
  return text
}

export function costOf(code: string): string {
  const item = GOLDEN.items.find((one) => one.code === code)
  if (!item) throw new Error(`the worked example has no ${code}`)
  return told(item.cost)
}

/** What a line of a worksheet is given, by the words of the field. */
export interface LineGiven {
  method?: 'Time' | 'Fixed' | 'Usage'
  number?: string
  production?: string
  quantity?: string
  usage?: string
  least?: string
  waste?: string
  packs?: string
  params?: Record<string, string>
}

/** The reader of the tutorial. */
export class Reader {
  readonly page: Page
  readonly grid: Grid

  constructor(page: Page) {
    this.page = page
    this.grid = new Grid(page)
  }

  get dialog() { return this.page.getByRole('dialog') }
  get totals() { return this.page.getByRole('region', { name: 'Totals' }) }
  get matrix() { return this.page.getByRole('table', { name: 'Comparison of quotes' }) }
  get rules() { return this.page.getByRole('table', { name: 'Rules', exact: true }) }
  button(name: string | RegExp) { return this.page.getByRole('button', { name, exact: typeof name === 'string' }) }
  tab(name: string) { return this.page.getByRole('navigation', { name: 'Estimate' }).getByRole('link', { name, exact: true }) }

  async go(screen: string) {
    await this.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: screen, exact: true }).click()
    await expect(this.page.getByRole('heading', { level: 1, name: screen })).toBeVisible()
  }

  /** Keeps the top of the page as a picture for docs/tutorial.md; without a folder for it nothing happens. */
  async shot(name: string, height: number) {
    if (!SHOTS) return
    // Messages and figures that flash come and go; the picture is of what stays.
    await expect(this.button('Dismiss')).toHaveCount(0)
    await this.page.mouse.move(0, 0)
    await this.page.waitForTimeout(FLASHED_MS)
    await this.page.screenshot({ path: join(SHOTS, `tutorial-${name}.png`), clip: { x: 0, y: 0, width: 1440, height }, animations: 'disabled', caret: 'hide' })
  }

  /** The first page of a PDF as a picture for the page. */
  shotOfPdf(name: string, pdf: Buffer) {
    if (SHOTS) execFileSync('pdftoppm', ['-png', '-singlefile', '-r', '120', '-', join(SHOTS, `tutorial-${name}`)], { input: pdf })
  }

  // ---- recipes

  async recipe(code: string, name: string, unit: string, lines: [code: string, factor: string, waste?: string, pack?: string][], params: [name: string, unit: string, least: string, most: string][] = []) {
    const { page } = this
    await this.go('Recipes')
    await page.getByRole('link', { name: 'New recipe' }).or(page.getByRole('button', { name: 'New recipe' })).first().click()
    await page.getByLabel('Code', { exact: true }).fill(code)
    await page.getByLabel('Name', { exact: true }).fill(name)
    await page.getByLabel('Output unit').selectOption(unit)
    for (const [param, measured, least, most] of params) {
      await page.getByRole('button', { name: 'Add a parameter' }).click()
      await page.getByLabel('Name of the new parameter').fill(param)
      if (measured) await page.getByLabel(`Unit of ${param}`, { exact: true }).selectOption(measured)
      await page.getByLabel(`Least of ${param}`, { exact: true }).fill(least)
      await page.getByLabel(`Most of ${param}`, { exact: true }).fill(most)
    }
    for (const [of, factor, waste, pack] of lines) {
      const picker = page.getByRole('combobox', { name: 'Add a line: resource or recipe' })
      await picker.fill(of)
      await expect(page.getByRole('option', { name: new RegExp(`(^| )${of} `) })).toHaveAttribute('aria-selected', 'true')
      await picker.press('Enter')
      await page.getByLabel(`Factor of ${of}`).fill(factor)
      if (waste) await page.getByLabel(`Waste of ${of}`).fill(waste)
      if (pack) await page.getByLabel(`Pack of ${of}`).fill(pack)
    }
  }

  async saveRecipe() {
    await this.button('Save recipe').click()
    await expect(this.button('Save as version 2')).toBeVisible()
  }

  // ---- the estimate

  async openEstimate() {
    await this.tab('Estimate').click()
    await expect(this.grid.tree).toBeVisible()
  }

  /** Selects a row and waits until the panel shows its worksheet. */
  async select(code: string) {
    await this.cell(code, 1).click()
    const panel = this.page.getByRole('complementary', { name: 'Details of the row' })
    await expect(panel.getByRole('heading', { level: 2, name: new RegExp(`^${code.replaceAll('.', '\\.')}( |$)`) })).toBeVisible()
    await expect(panel.getByRole('combobox', { name: 'Add a line: resource, recipe or free line' })).toBeVisible()
  }

  /** Columns as shown by default: 0 code, 1 description, 2 unit, 3 quantity, 4 cost rate, 5 cost. */
  cell(code: string, column: number) {
    const own = this.page.locator('[data-column="0"]').getByText(code, { exact: true })
    return this.grid.tree.getByRole('row').filter({ has: own }).locator(`[data-column="${column}"]`)
  }

  async costs(code: string, cost = costOf(code)) {
    await expect(this.cell(code, 5)).toHaveText(cost)
  }

  /** Types over a cell of the tree. */
  async type(code: string, column: number, text: string) {
    await this.cell(code, column).click()
    await this.page.keyboard.type(text)
    await this.page.keyboard.press('Enter')
  }

  /** A code, Enter; the blanks of its sentence; Enter. */
  async line(of: string, given: LineGiven) {
    const { page } = this
    await this.startLine(of)
    if (given.method) await page.getByLabel('Method').selectOption({ label: given.method })
    await this.fillLine(given)
    await page.keyboard.press('Enter')
    await expect(this.button('Add line')).toHaveCount(0)
  }

  async startLine(of: string, option = new RegExp(`(^| )${of} `)) {
    const add = this.page.getByRole('combobox', { name: 'Add a line: resource, recipe or free line' })
    await add.fill(of)
    await expect(this.page.getByRole('option', { name: option })).toHaveAttribute('aria-selected', 'true')
    await add.press('Enter')
    await expect(this.button('Add line')).toBeVisible()
  }

  async fillLine(given: LineGiven) {
    const { page } = this
    const put = async (label: string | RegExp, text: string | undefined) => {
      if (text !== undefined) await page.getByLabel(label).last().fill(text)
    }
    await put('Number of crews or machines', given.number)
    await put(/^Production: /, given.production)
    await put('Quantity: a number or a formula', given.quantity)
    await put(/^Usage per /, given.usage)
    for (const [name, value] of Object.entries(given.params ?? {})) await put(`Parameter ${name}`, value)
    await put('Waste in percent', given.waste)
    await put('Bought in whole packs of this size', given.packs)
    await put('At least this much', given.least)
  }

  // ---- packages

  async company(name: string) {
    await this.dialog.getByRole('button', { name: 'New company' }).click()
    const editor = this.page.getByRole('dialog', { name: 'New company' })
    await editor.getByLabel('Name', { exact: true }).fill(name)
    await editor.getByLabel('Subcontractor').check()
    await editor.getByRole('button', { name: 'Add company' }).click()
    await expect(editor).toHaveCount(0)
    await expect(this.dialog.getByText(name)).toBeVisible()
  }

  /** One company's quote: basis, rates in the table, adjustment. */
  async quote(name: string, { gst, rates, valid, reason, figure, own }: { gst: 'exclusive' | 'inclusive'; rates: string[]; valid: string; reason: string; figure: string; own: boolean }) {
    const { page } = this
    await this.matrix.getByRole('button', { name, exact: true }).click()
    const panel = page.getByRole('complementary', { name: `Quote of ${name}` })
    await panel.getByRole('button', { name: 'Enter the quote' }).click()
    await expect(panel.getByText('Basis of the quote')).toBeVisible()
    await panel.getByLabel('Figures').selectOption(gst)
    await panel.getByLabel('Valid until').fill(valid)
    await panel.getByRole('button', { name: 'Save basis' }).click()
    for (const [row, rate] of rates.entries()) {
      if (!rate) continue
      await this.matrix.getByRole('button', { name: `${name}, 2.0${row + 6}` }).click()
      await page.keyboard.type(rate)
      await page.keyboard.press('Enter')
      await expect(this.matrix.getByRole('button', { name: `${name}, 2.0${row + 6}: ${rate.replace(/(\.\d)0$/, '$1')}. Edit` })).toBeVisible()
    }
    await panel.getByRole('region', { name: 'Adjustments' }).getByRole('button', { name: 'Add', exact: true }).click()
    await panel.getByLabel('Reason of adjustment 1').fill(reason)
    await panel.getByLabel('Amount or percent of adjustment 1').fill(figure)
    if (own) await panel.getByLabel('Whose adjustment 1 is').selectOption({ label: 'The company’s own' })
    await panel.getByRole('button', { name: 'Save adjustments' }).click()
  }

  // ---- commercials

  async rule(kind: string, fill: (editor: Locator) => Promise<void>, name: string, nature?: 'Cost' | 'Margin') {
    const { page } = this
    await this.button('Add rule').click()
    await page.getByRole('menuitem', { name: new RegExp(`^${kind}`) }).click()
    await this.keepRule(name, fill, nature)
  }

  async keepRule(name: string, fill: (editor: Locator) => Promise<void>, nature?: 'Cost' | 'Margin') {
    const editor = this.page.getByRole('complementary', { name: 'Rule editor' })
    const amount = told(GOLDEN.rules.find((rule) => rule.name === name)?.amount ?? '')
    await editor.getByLabel('Name', { exact: true }).fill(name)
    await fill(editor)
    if (nature) await editor.getByLabel(nature, { exact: true }).check()
    await expect(editor.getByLabel('What it comes to')).toContainText(amount)
    await editor.getByRole('button', { name: 'Add rule' }).click()
    await expect(this.rules.getByRole('row').filter({ hasText: name })).toContainText(amount)
  }
}

/** A day so many from now as a date field takes it, four in the afternoon. */
export function inDays(days: number): string {
  return `${new Date(Date.now() + days * 24 * 3_600_000).toISOString().slice(0, 10)}T16:00`
}
