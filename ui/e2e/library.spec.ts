import { randomUUID } from 'node:crypto'
import type { Resource } from '../src/api/types'
import { expect, test } from './fixtures'

test('a new tender opens its estimate, and is found in the register', async ({ api, page, server }) => {
  await api.get('/session')
  const number = `T-${randomUUID().slice(0, 8)}`
  await page.goto(`${server.current.url}/tenders`)
  await page.getByRole('button', { name: 'New tender' }).first().click()
  await page.getByRole('button', { name: 'Create tender' }).click()
  await expect(page.getByText('Give the tender a number.')).toBeVisible()
  await page.getByLabel('Number', { exact: true }).fill(number)
  await page.getByLabel('Name', { exact: true }).fill('Stream crossing')
  await page.getByRole('button', { name: 'Create tender' }).click()
  await expect(page).toHaveURL(/\/estimates\//)
  await page.goto(`${server.current.url}/tenders?q=${number}`)
  await page.getByRole('link', { name: number }).click()
  await page.getByLabel('Client', { exact: true }).fill('District council')
  await page.getByRole('button', { name: 'Save details' }).click()
  await expect(page.getByText('Details saved')).toBeVisible()
})

test('a rate is typed over in place and what is no rate is refused there', async ({ api, page, server }) => {
  const code = `LAB-${randomUUID().slice(0, 6)}`
  await api.post<Resource>('/resources', { code, description: 'Pipe layer', type: 'labour', unit: 'h', rate: '48.5' })
  await page.goto(`${server.current.url}/resources?q=${code}`)
  await page.getByRole('button', { name: `Rate of ${code}: 48.5. Edit` }).click()
  await page.getByLabel(`Rate of ${code}`).fill('dear')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toContainText('no rate')
  await page.getByLabel(`Rate of ${code}`).fill('51.25')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: `Rate of ${code}: 51.25. Edit` })).toBeFocused()
})

test('a recipe is built with a live preview and saved as a version', async ({ api, page, server }) => {
  const mark = randomUUID().slice(0, 6)
  await api.post<Resource>('/resources', { code: `MAT-${mark}`, description: 'Ready-mix', type: 'material', unit: 'm3', rate: '200' })
  await page.goto(`${server.current.url}/recipes/new`)
  await page.getByLabel('Code', { exact: true }).fill(`SLAB-${mark}`)
  await page.getByLabel('Name', { exact: true }).fill('Slab')
  await page.getByLabel('Output unit').selectOption('m2')
  await page.getByRole('button', { name: 'Add a parameter' }).click()
  await page.getByLabel('Name of the new parameter').fill('depth')
  await page.getByLabel('Default of depth').fill('0.25')
  const picker = page.getByLabel('Add a line: resource or recipe')
  await picker.fill(`MAT-${mark}`)
  await page.getByRole('option', { name: new RegExp(`MAT-${mark}`) }).click()
  await page.getByLabel(`Factor of MAT-${mark}`).fill('depth')
  await expect(page.getByRole('region', { name: 'Result' })).toContainText('50.00')
  await page.getByLabel(`Factor of MAT-${mark}`).fill('depht')
  await expect(page.getByRole('alert').first()).toBeVisible()
  await page.getByLabel(`Factor of MAT-${mark}`).fill('depth')
  await page.getByRole('button', { name: 'Save recipe' }).click()
  await expect(page.getByRole('button', { name: 'Save as version 2' })).toBeVisible()

  // The older of two versions is archived; the current one cannot be.
  await page.getByLabel(`Factor of MAT-${mark}`).fill('depth * 1.02')
  await page.getByRole('button', { name: 'Save as version 2' }).click()
  await expect(page.getByRole('button', { name: 'Save as version 3' })).toBeVisible()
  await page.getByRole('button', { name: 'Versions' }).click()
  const versions = page.getByRole('table', { name: `Versions of SLAB-${mark}` })
  await expect(versions.getByRole('row').filter({ hasText: '2' }).first()).toContainText('current')
  await versions.getByRole('button', { name: 'Archive version 1' }).click()
  await expect(versions.getByText('archived')).toBeVisible()
  await expect(versions.getByRole('button')).toHaveCount(0)
})

test('the catalogue of rules is complete, found by words and linked by number', async ({ api, page, server }) => {
  await api.get('/session')
  await page.goto(`${server.current.url}/rules#BR-020`)
  await expect(page.getByRole('status').filter({ hasText: '123 rules' })).toBeVisible()
  await expect(page.locator('#BR-020')).toBeInViewport()
  await page.getByLabel('Find by number, words or code').fill('closing time')
  await expect(page.getByRole('link', { name: 'BR-004' })).toBeVisible()
})
