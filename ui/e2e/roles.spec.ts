import AxeBuilder from '@axe-core/playwright'
import type { Locator, Page } from '@playwright/test'
import type { Estimate, PackageSummary, PriceBook, RecipeSummary, Tender } from '../src/api/types'
import { type Api, expect, test } from './fixtures'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
/** How long a control that is there takes to be pressed on a slow machine, ms. */
const PRESS_MS = 30_000
/** A dialog, a menu and a tooltip over each other. */
const LAYERS_MAX = 4

interface Screen { name: string; path: string }

/** Every screen there is, with something on it. */
async function screens(api: Api): Promise<Screen[]> {
  const { items: tenders } = await api.get<{ items: Tender[] }>('/tenders?limit=50')
  const rich = tenders.find((tender) => tender.estimates.length > 0 && tender.state === 'active') ?? tenders[0]
  if (!rich) throw new Error('the demonstration has no tender')
  const won = tenders.find((tender) => tender.state === 'won')
  const estimateId = rich.estimates[0]?.id ?? ''
  const { items: packages } = await api.get<{ items: PackageSummary[] }>(`/estimates/${estimateId}/packages`)
  const { items: recipes } = await api.get<{ items: RecipeSummary[] }>('/recipes?limit=1')
  const { items: books } = await api.get<{ items: PriceBook[] }>('/price-books')
  const at = `/estimates/${estimateId}`
  const paths: [string, string | undefined][] = [
    ['register', '/tenders'], ['board', '/tenders?view=board'], ['tender', `/tenders/${rich.id}`], ['won tender', won && `/tenders/${won.id}`],
    ['estimate', at], ['history', `${at}?tab=history`], ['import', `${at}/import`], ['commercials', `${at}/commercials`], ['item prices', `${at}/commercials?view=items`],
    ['scenarios', `${at}/commercials?view=scenarios`], ['packages', `${at}/packages`], ['package', packages[0] && `${at}/packages/${packages[0].id}`], ['offer text', `${at}/content`],
    ['by category', `${at}/categories`], ['submission', `${at}/submission`], ['compare', `${at}/compare`],
    ['resources', '/resources'], ['price books', `/resources?tab=books&book=${books[0]?.id ?? ''}`], ['units', '/resources?tab=units'], ['recipes', '/recipes'],
    ['recipe', recipes[0] && `/recipes/${recipes[0].id}`], ['companies', '/companies'], ['jobs', '/jobs'], ['rules', '/rules'], ['categories', '/categories'],
    ['letterhead', '/branding'], ['offer texts', '/offer-texts'], ['back-up', '/back-up'], ['settings', '/settings'], ['tokens', '/settings?tab=tokens'],
  ]
  return paths.flatMap(([name, path]) => (path ? [{ name, path }] : []))
}

/** A tender with what the screens of an estimate show: rows, a package with a quote, a text, a notice. */
async function furnish(api: Api): Promise<void> {
  const { items } = await api.get<{ items: Tender[] }>('/tenders?limit=50')
  const tender = items.find((one) => one.estimates.length > 0 && one.state === 'active')
  const estimateId = tender?.estimates[0]?.id
  if (!tender || !estimateId) return
  const estimate = await api.get<Estimate>(`/estimates/${estimateId}`)
  expect(estimate.totals.items).toBeGreaterThan(0)
  await api.edit(estimateId, [{ op: 'add-content', kind: 'inclusions', place: 'last', text: 'Survey set-out' }])
}

/** The answers that said this person may not. */
function watch(page: Page): string[] {
  const refused: string[] = []
  page.on('response', (answer) => {
    if (answer.status() === 403) refused.push(`${answer.request().method()} ${new URL(answer.url()).pathname}`)
  })
  return refused
}

async function open(page: Page, url: string, path: string): Promise<void> {
  await page.goto(`${url}${path}`)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await page.waitForLoadState('networkidle')
}

/** Closes whatever lies over the screen. */
async function close(page: Page): Promise<void> {
  for (let at = 0; at < LAYERS_MAX && (await page.locator(':is([role=dialog], [role=menu], [role=tooltip])').count()) > 0; at++) await page.keyboard.press('Escape')
}

/** Everything that can be pressed or typed in beside the main menu, by name. */
const controls = (page: Page): Locator => page.locator('#root :is(button, input, select, textarea):enabled:visible:not(nav[aria-label="Main"] *)')

/** What each is called and whether it is a button; entries of menus that are no use are left out. */
const namesOf = (found: Locator): Promise<{ name: string; button: boolean }[]> => found.evaluateAll((all) => all
  .filter((element) => !element.hasAttribute('data-disabled'))
  .map((element) => ({
    name: (element.getAttribute('aria-label') ?? (element as HTMLInputElement).labels?.[0]?.textContent ?? element.textContent ?? '').trim().replace(/\s+/g, ' '),
    button: element.tagName === 'BUTTON',
  })))

/** Two controls alike in all but the row they are of. */
const sortOf = (name: string): string => name.split(' ').slice(0, 2).join(' ').replace(/\d.*/, '')

/** What changes something, however it is worded; none of it is for who only reads. */
const CHANGES = /^(add|new|save|delete|remove|duplicate|import|export|archive|bring back|retire|make|rename|publish|discard|approve|revoke approval|submit|award|transfer|invite|issue|compare quotes|reopen|cancel|change|set state|put on hold|take|accept|withdraw|dismiss|list again|copy back|restore|reprice|recalculate|apply|lock|undo|redo|insert|paste|fill|move|indent|outdent|mark|turn|hand over|confirm|go$|no-go|start version|comment$|upload|replace|read a priced|enter|documents$|files to attach|attach|edit)\b/i
/** What is worded like a change and is none: it is this person's own. */
const OWN = /^(new token|save this view|sign out|import and export|cancel$)/i

/** What reads, though other screens have a deed of that name: a report of what is shown. */
const READS = ['by category: Export']

test('a Viewer meets no control that the server would refuse, on any screen', async ({ api, page, server }) => {
  test.setTimeout(600_000)
  await furnish(api)
  const all = await screens(api)
  await api.signIn('admin')
  await api.post('/users', { name: 'Ria Reader', role: 'viewer', email: 'ria@example.org' })
  await api.signIn('viewer')
  const refused = watch(page)
  const found: string[] = []
  for (const { name, path } of all) {
    await open(page, server.current.url, path)
    const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze()
    for (const { id, nodes } of violations) found.push(`${name}: ${id}: ${nodes.map((node) => node.target.join(' ')).slice(0, 3).join('; ')}`)
    const tried = new Set<string>()
    const names = await namesOf(controls(page))
    for (const { name: control } of names) if (CHANGES.test(control) && !OWN.test(control) && !READS.includes(`${name}: ${control}`)) found.push(`${name}: ${control}`)
    // Everything that can be pressed is pressed: it opens, shows, sorts or copies, and asks for nothing that is refused.
    for (const [at, { name: control, button }] of names.entries()) {
      const sort = sortOf(control)
      if (!button || sort.startsWith('Connection:') || tried.has(sort)) continue
      tried.add(sort)
      await controls(page).nth(at).press('Enter', { timeout: PRESS_MS })
      for (const { name: inside } of await namesOf(page.locator('[role=menuitem], :is([role=dialog], [role=menu]) :is(button, input, select, textarea):enabled:visible'))) {
        if (CHANGES.test(inside) && !OWN.test(inside) && !OWN.test(control)) found.push(`${name}, ${control}: ${inside}`)
      }
      await close(page)
      if (new URL(page.url()).pathname !== path.split('?')[0] || (await controls(page).count()) !== names.length) await open(page, server.current.url, path)
    }
  }
  expect(found).toEqual([])
  expect(refused).toEqual([])
})

test('an Estimator sees who does what is not theirs to do', async ({ api, page, server }) => {
  test.setTimeout(600_000)
  await furnish(api)
  const all = await screens(api)
  await api.signIn('estimator')
  const refused = watch(page)
  const at = async (name: string) => {
    const screen = all.find((one) => one.name === name)
    if (screen) await open(page, server.current.url, screen.path)
  }
  for (const { path } of all) {
    await open(page, server.current.url, path)
    // Menus say it as well as buttons: each is opened and read.
    for (const trigger of (await page.locator('#root button[aria-haspopup="menu"]:enabled:visible:not(nav[aria-label="Main"] *)').all()).slice(0, 6)) {
      await trigger.press('Enter', { timeout: PRESS_MS })
      await expect(page.getByRole('menu').first()).toBeVisible()
      await close(page)
    }
  }
  await at('tender')
  for (const [control, who] of [['Set state', 'A Lead Estimator does this'], ['Delete', 'An Admin does this']] as const) {
    const button = page.getByRole('button', { name: control, exact: true })
    await expect(button).toBeDisabled()
    await expect(button).toHaveAttribute('title', who)
  }
  await at('register')
  await page.getByRole('button', { name: /^Actions of / }).first().click()
  await expect(page.getByRole('menuitem', { name: 'Delete… An Admin does this' })).toBeDisabled()
  await page.keyboard.press('Escape')
  await at('submission')
  await expect(page.getByRole('button', { name: 'Submit', exact: true })).toBeDisabled()
  await at('units')
  await expect(page.getByRole('button', { name: /^Delete / }).first()).toBeDisabled()
  await at('commercials')
  await expect(page.getByRole('button', { name: 'Add rule' })).toHaveCount(0)
  await at('categories')
  await expect(page.getByRole('button', { name: 'New category' })).toHaveCount(0)
  await at('offer texts')
  await expect(page.getByRole('button', { name: 'New kind of text' })).toHaveCount(0)
  await at('letterhead')
  await expect(page.getByRole('button', { name: 'Save letterhead' })).toHaveCount(0)
  await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Audit' })).toHaveCount(0)
  expect(refused).toEqual([])
})
