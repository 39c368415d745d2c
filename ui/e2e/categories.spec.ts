import AxeBuilder from '@axe-core/playwright'
import { randomUUID } from 'node:crypto'
import { expect, test } from './fixtures'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']

test('a category is defined, given to a tender, and found again in the register', async ({ api, page, server }) => {
  const mark = randomUUID().slice(0, 6)
  const estimate = await api.estimate(`Sorted ${mark}`)
  await api.estimate(`Unsorted ${mark}`)
  await page.goto(`${server.current.url}/categories`)
  await page.getByRole('button', { name: 'New category' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name', { exact: true }).fill(`Region ${mark}`)
  await dialog.getByRole('button', { name: 'Add an option' }).click()
  await dialog.getByLabel('Name of option 1').fill('Waikato')
  await dialog.getByRole('button', { name: 'Add an option' }).click()
  await dialog.getByLabel('Name of option 2').fill('Northland')
  expect((await new AxeBuilder({ page }).withTags(TAGS).analyze()).violations).toEqual([])
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(page.getByRole('row', { name: new RegExp(`Region ${mark}`) })).toContainText('Waikato, Northland')
  expect((await new AxeBuilder({ page }).withTags(TAGS).analyze()).violations).toEqual([])

  await page.goto(`${server.current.url}/tenders/${estimate.tenderId}`)
  await page.getByRole('region', { name: 'Categories' }).getByLabel(`Region ${mark}`).selectOption('Waikato')
  await page.goto(`${server.current.url}/tenders`)
  await page.getByLabel(`Region ${mark}`).selectOption('Waikato')
  await expect(page.getByRole('link', { name: new RegExp(`Sorted ${mark}`) }).first()).toBeVisible()
  await expect(page.getByText(`Unsorted ${mark}`)).toHaveCount(0)

  // Archived: it is not offered any more, and the tender reads as it did.
  await page.goto(`${server.current.url}/categories`)
  await page.getByRole('button', { name: `Change Region ${mark}` }).click()
  await dialog.getByRole('checkbox', { name: 'Archived' }).first().check()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toHaveCount(0)
  await page.goto(`${server.current.url}/tenders/${estimate.tenderId}`)
  await expect(page.getByRole('region', { name: 'Categories' }).getByLabel(`Region ${mark}`)).toContainText('Waikato (archived)')
})
