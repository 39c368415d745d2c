import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import type { Commercials, Tender } from '../src/api/types'
import { type Api, Grid, expect, test } from './fixtures'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** The worked example: every test leaves its price as it found it. */
async function example(api: Api): Promise<string> {
  const { items } = await api.get<{ items: Tender[] }>('/tenders?limit=100')
  const tender = items.find((one) => one.name === 'Waihou Road rehabilitation')
  const [estimate] = tender?.estimates ?? []
  if (!estimate) throw new Error('the demonstration has no worked example')
  return estimate.id
}

class Screen {
  readonly page: Page
  constructor(page: Page) { this.page = page }
  get rules() { return this.page.getByRole('table', { name: 'Rules', exact: true }) }
  rule(name: string) { return this.rules.getByRole('row').filter({ hasText: name }) }
  get total() { return this.rules.getByRole('row').filter({ hasText: 'Tender sum, excl. GST' }) }
  async open(url: string, id: string, view?: string) {
    await this.page.goto(`${url}/estimates/${id}/commercials${view ? `?view=${view}` : ''}`)
    await expect(this.page.getByRole('heading', { level: 1, name: 'Commercials' })).toBeVisible()
  }
  async undo() {
    await this.page.getByRole('button', { name: 'Undo', exact: true }).first().click()
    await expect(this.page.getByText(/^Undone: /)).toBeVisible()
  }
}

test('the worked example shows its price, a changed percentage moves it, undo brings it back', async ({ api, page, server, grid }) => {
  const id = await example(api)
  await grid.open(server.current.url, id)
  await page.getByRole('link', { name: 'Commercials' }).click()
  const screen = new Screen(page)
  await expect(screen.total).toContainText('491,469.78')
  await expect(screen.rules.getByRole('row').filter({ hasText: 'Total incl. GST' })).toContainText('565,190.25')
  await expect(page.getByText('2.03 sells at 21,240.00, below its cost of 22,363.78.')).toBeVisible()
  await expect(page.getByRole('img', { name: 'Waterfall from direct cost to tender sum' })).toBeVisible()

  await page.getByRole('button', { name: 'Profit: 8 %' }).click()
  await page.keyboard.type('10')
  await page.keyboard.press('Enter')
  await expect(screen.rule('Profit')).toContainText('47,479.13')
  await expect(screen.total).toContainText('501,791.33')
  await page.keyboard.press('Control+z')
  await expect(screen.total).toContainText('491,469.78')
  await page.keyboard.press('Control+y')
  await expect(screen.total).toContainText('501,791.33')
  await page.keyboard.press('Control+z')
  await expect(screen.total).toContainText('491,469.78')

  await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link').last().click()
  await expect(grid.tree).toBeVisible()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('commercials')
  await page.keyboard.press('Enter')
  await expect(screen.total).toContainText('491,469.78')
})

test('rules of three kinds are added on an estimate without any, each seen before it is kept', async ({ api, page, server }) => {
  const { estimateId } = await api.schedule('Without rules')
  const screen = new Screen(page)
  await screen.open(server.current.url, estimateId)
  await expect(page.getByText('There are no rules yet')).toBeVisible()

  await page.getByRole('button', { name: 'Add overhead' }).click()
  const editor = page.getByRole('complementary', { name: 'Rule editor' })
  await editor.getByLabel('Percent', { exact: true }).fill('10')
  await expect(editor.getByText('4,510.00')).toBeVisible()
  await editor.getByRole('button', { name: 'Add rule' }).click()
  await expect(screen.total).toContainText('4,510.00')

  await page.getByRole('button', { name: 'Add rule' }).click()
  await page.getByRole('menuitem', { name: /Risk register/ }).click()
  await editor.getByLabel('Risk 1: name').fill('Flood')
  await editor.getByLabel('Risk 1: probability in percent').fill('150')
  await editor.getByLabel('Risk 1: impact').fill('2,000')
  await editor.getByRole('button', { name: 'Add rule' }).click()
  await expect(editor.getByRole('alert')).toContainText('BR-077')
  await expect(editor.getByLabel('Risk 1: probability in percent')).toBeFocused()
  await expect(editor.getByLabel('Risk 1: name')).not.toHaveAttribute('aria-invalid', 'true')
  await editor.getByLabel('Risk 1: probability in percent').fill('25')
  await editor.getByRole('button', { name: 'Add rule' }).click()
  await expect(screen.rule('Risks')).toContainText('500.00')

  await page.getByRole('button', { name: 'Add rule' }).click()
  await page.getByRole('menuitem', { name: /Target total/ }).click()
  await editor.getByLabel('Tender sum, excl. GST').fill('5,200')
  await editor.getByRole('button', { name: 'Add rule' }).click()
  await expect(screen.rule('Commercial adjustment')).toContainText('190.00')

  // A rule added after one that decides the total goes before it.
  await page.getByRole('button', { name: 'Add rule' }).click()
  await page.getByRole('menuitem', { name: /Lump sum/ }).click()
  await editor.getByLabel('Amount', { exact: true }).fill('100')
  await editor.getByRole('button', { name: 'Add rule' }).click()
  await expect(screen.rule('Commercial adjustment')).toContainText('90.00')
  await expect(screen.rules.locator('[data-rule]').last()).toContainText('Commercial adjustment')

  await page.getByRole('button', { name: 'Actions for Risks' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await expect(screen.rule('Risks')).toHaveCount(0)
  await page.getByRole('status').getByRole('button', { name: 'Undo' }).click()
  await expect(screen.rule('Risks')).toHaveCount(1)
})

test('a rule acts on the items of a package', async ({ api, page, server }) => {
  const { estimateId, items } = await api.schedule('Rule on a package')
  await api.edit(estimateId, [{ op: 'package', edit: { do: 'add', id: crypto.randomUUID(), set: { code: 'PKG-07', name: 'Culverts', itemIds: [items[2] ?? ''] } } }])
  const screen = new Screen(page)
  await screen.open(server.current.url, estimateId)
  await page.getByRole('button', { name: 'Add overhead' }).click()
  const editor = page.getByRole('complementary', { name: 'Rule editor' })
  await editor.getByLabel('Percent', { exact: true }).fill('10')
  await editor.getByLabel('Acts on').selectOption('package')
  await expect(editor.getByLabel('Package', { exact: true })).toContainText('Package PKG-07 Culverts')
  await expect(editor.getByText('4,500.00')).toBeVisible()
  await editor.getByRole('button', { name: 'Add rule' }).click()
  await expect(screen.total).toContainText('4,500.00')
  await expect(screen.rules).toContainText('Package PKG-07 Culverts')
})

test('the chain is reordered by the keyboard and by the pointer', async ({ api, page, server }) => {
  const id = await example(api)
  const screen = new Screen(page)
  await screen.open(server.current.url, id)
  const handle = page.getByRole('button', { name: 'Move Insurances and bond' })
  await handle.focus()
  await page.keyboard.press('Alt+ArrowUp')
  await expect(screen.total).toContainText('491,558.07')
  await expect(handle).toBeFocused()
  await page.keyboard.press('Alt+ArrowDown')
  await expect(screen.total).toContainText('491,469.78')
  // The second press goes on from the first, however long the answer takes.
  await page.keyboard.press('Alt+ArrowUp')
  await page.keyboard.press('Alt+ArrowUp')
  await expect(screen.rules.locator('[data-rule]').nth(1)).toContainText('Insurances and bond')
  await expect(handle).toBeFocused()
  await expect.poll(async () => (await api.get<Commercials>(`/estimates/${id}/commercials`)).rules[1]?.set.name).toBe('Insurances and bond')
  await page.keyboard.press('Alt+ArrowDown')
  await page.keyboard.press('Alt+ArrowDown')
  await expect(screen.rules.locator('[data-rule]').nth(3)).toContainText('Insurances and bond')
  await expect(screen.total).toContainText('491,469.78')

  const from = await handle.boundingBox()
  const to = await page.getByRole('button', { name: 'Move Ground contingency' }).boundingBox()
  if (!from || !to) throw new Error('the handles are not shown')
  await page.mouse.move(from.x + 8, from.y + 8)
  await page.mouse.down()
  await page.mouse.move(to.x + 8, to.y + 2, { steps: 5 })
  await page.mouse.up()
  await expect(screen.total).toContainText('491,558.07')
  await screen.undo()
  await expect(screen.total).toContainText('491,469.78')
})

test('a rate-lock moves money between items and leaves the price alone', async ({ api, page, server }) => {
  const id = await example(api)
  const screen = new Screen(page)
  await screen.open(server.current.url, id, 'items')
  const items = page.getByRole('table', { name: 'Item prices' })
  await expect(items.getByRole('row').filter({ hasText: '2.03' })).toContainText('-4,648.51')
  await expect(items.getByRole('row').filter({ hasText: 'Schedule' })).toContainText('464,469.78464,469.78')
  await page.getByRole('button', { name: 'Rate of 2.03: 118.00, rate-locked' }).click()
  await page.getByRole('button', { name: 'Release' }).click()
  await expect(page.getByRole('button', { name: 'Rate of 2.03: 143.83' })).toBeVisible()
  await page.getByRole('button', { name: /^Rate of 3.01/ }).click()
  await page.getByLabel('Sell rate of 3.01').fill('220')
  await page.getByRole('button', { name: 'Rate-lock', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Rate of 3.01: 220.00, rate-locked' })).toBeVisible()
  const { price } = await api.get<Commercials>(`/estimates/${id}/commercials`)
  expect(price?.totalEx).toBe('491469.78')
  await screen.undo()
  await expect(page.getByRole('button', { name: 'Rate of 3.01: 220.00, rate-locked' })).toHaveCount(0)
  await screen.undo()
  await expect(page.getByRole('button', { name: 'Rate of 2.03: 118.00, rate-locked' })).toBeVisible()
})

test('a scenario is compared, applied in one step and undone', async ({ api, page, server }) => {
  const id = await example(api)
  const screen = new Screen(page)
  await screen.open(server.current.url, id)
  await page.getByRole('button', { name: 'Try a change' }).click()
  const compared = page.getByRole('table', { name: 'Scenarios compared' })
  const rules = page.getByRole('table', { name: 'Rules of Scenario 1' })
  await rules.getByRole('button', { name: 'Profit: 8 %' }).click()
  await page.keyboard.type('10')
  await page.keyboard.press('Enter')
  await expect(compared.getByRole('row').filter({ hasText: 'Tender sum' })).toContainText('+10,321.55')
  await rules.getByRole('button', { name: 'Actions for Labour escalation' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await expect(compared.getByRole('row').filter({ hasText: 'Labour escalation' })).toContainText('none')
  expect((await api.get<Commercials>(`/estimates/${id}/commercials`)).price?.totalEx).toBe('491469.78')

  await page.reload()
  const sum = compared.getByRole('row').filter({ hasText: 'Tender sum' }).getByRole('cell').nth(1)
  await expect(sum).not.toContainText('no price')
  const there = /[\d,]+\.\d\d$/.exec((await sum.textContent()) ?? '')?.[0] ?? ''
  await page.getByRole('button', { name: 'Apply Scenario 1' }).click()
  await expect(screen.total).toContainText(there)
  await expect(screen.rule('Labour escalation')).toHaveCount(0)
  await screen.undo()
  await expect(screen.total).toContainText('491,469.78')
})

test('an Estimator reads the commercials and is told who changes them', async ({ api, page, server }) => {
  const id = await example(api)
  await api.signIn('estimator')
  const screen = new Screen(page)
  await screen.open(server.current.url, id)
  await expect(screen.total).toContainText('491,469.78')
  await expect(page.getByText('A Lead estimator changes the price.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Add rule' })).toHaveCount(0)
  await expect(page.getByRole('button', { name: /^Move / })).toHaveCount(0)
})

test('what another person changes in the costs repaints the price', async ({ api, page, server }) => {
  const { estimateId, items } = await api.schedule('Priced together')
  await api.edit(estimateId, [{ op: 'add-rule', set: { name: 'Overhead', nature: 'margin', kind: { type: 'percent-markup', percent: '10' } } }])
  const screen = new Screen(page)
  await screen.open(server.current.url, estimateId)
  await expect(screen.total).toContainText('4,510.00')
  await expect(page.getByRole('button', { name: 'Connection: Live' })).toBeVisible()
  await api.edit(estimateId, [{ op: 'update-item', id: items[0] ?? '', set: { quantity: '110' } }])
  await expect(screen.total).toContainText('5,060.00')
})

for (const scheme of ['light', 'dark'] as const) {
  test(`the commercials meet WCAG 2.2 AA in the ${scheme} theme`, async ({ api, page, server }) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    const id = await example(api)
    const screen = new Screen(page)
    const check = async (where: string) => {
      const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze()
      expect(violations.map(({ id: rule, nodes }) => `${rule}: ${nodes.map((node) => node.target.join(' ')).slice(0, 3).join('; ')}`), where).toEqual([])
    }
    await screen.open(server.current.url, id)
    await expect(screen.total).toContainText('491,469.78')
    await check('the rules')
    await page.getByRole('button', { name: 'Edit Ground contingency' }).click()
    await expect(page.getByRole('complementary', { name: 'Rule editor' })).toContainText('4,374.79')
    await check('the editor')
    await page.keyboard.press('Escape')
    await expect(page.getByRole('button', { name: 'Edit Ground contingency' })).toBeFocused()
    await screen.open(server.current.url, id, 'items')
    await page.getByRole('button', { name: 'Rate of 2.03: 118.00, rate-locked' }).click()
    await check('the item prices')
    await screen.open(server.current.url, id)
    await page.getByRole('button', { name: 'Try a change' }).click()
    await expect(page.getByRole('table', { name: 'Rules of Scenario 1' })).toContainText('491,469.78')
    await check('the scenarios')
    await page.setViewportSize({ width: 1024, height: 800 })
    await screen.open(server.current.url, id)
    await expect(screen.total).toContainText('491,469.78')
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0)
    await check('the rules at 1024')
  })
}

test('the commercials open from an estimate that has no price yet', async ({ api, page, server }) => {
  const { id } = await api.estimate('Nothing in it')
  const screen = new Screen(page)
  await screen.open(server.current.url, id)
  await expect(page.getByText('There are no rules yet')).toBeVisible()
  await new Grid(page).open(server.current.url, id)
})

test('the grid shows what rows sell for: an edit of cost moves it, a rate typed there is rate-locked', async ({ api, page, server, grid }) => {
  const id = await example(api)
  await page.setViewportSize({ width: 1440, height: 900 })
  await grid.open(server.current.url, id)
  const price = page.getByRole('region', { name: 'Totals' }).getByRole('link', { name: /^Price, excl. GST/ })
  await expect(price).toContainText('491,469.78')
  const sell = (code: string) => grid.tree.getByRole('row').filter({ hasText: code }).locator('[data-column]').nth(7)
  await expect(sell('Strip topsoil')).toHaveText('8,602.00')
  await expect(sell('Sub-base AP65')).toHaveText('93,158.40')

  await grid.cell('Strip topsoil', 3).click()
  await page.keyboard.type('900')
  await page.keyboard.press('Enter')
  await expect(price).toContainText('491,909.47')
  await page.keyboard.press('Control+z')
  await expect(price).toContainText('491,469.78')

  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Sell rate' }).click()
  await page.keyboard.press('Escape')
  const rate = grid.tree.getByRole('row').filter({ hasText: 'Sub-base AP65' }).locator('[data-column]').nth(7)
  await expect(rate).toHaveText('97.04')
  await rate.click()
  await page.keyboard.type('100')
  await page.keyboard.press('Enter')
  await expect(rate).toHaveText('100.00')
  await expect(rate.getByTitle(/^Rate-locked/)).toBeVisible()
  await expect(price).toContainText('491,469.78')
  if (process.env.OXFLOW_SHOT) await page.screenshot({ path: process.env.OXFLOW_SHOT })
  await page.keyboard.press('Control+z')
  await expect(rate).toHaveText('97.04')
})

test('Ctrl+K finds tenders, rows and screens wherever one is', async ({ api, page, server, grid }) => {
  const id = await example(api)
  await grid.open(server.current.url, id)
  const screen = new Screen(page)
  await screen.open(server.current.url, id)
  await page.keyboard.press('Control+k')
  const field = page.getByRole('combobox', { name: 'Find a tender or a row, or go to a screen' })
  await expect(field).toBeFocused()
  await field.fill('chipseal')
  await expect(page.getByRole('option', { name: /2\.06 Two-coat chipseal/ })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(grid.row('Two-coat chipseal')).toHaveAttribute('aria-selected', 'true')

  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Rules' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Rules' })).toBeVisible()
  await page.keyboard.press('Control+k')
  await field.fill('waihou')
  await expect(page.getByRole('option', { name: /Waihou Road rehabilitation/ }).first()).toBeVisible()
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze()
  expect(violations).toEqual([])
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Waihou Road rehabilitation' })).toBeVisible()
})
