import { randomUUID } from 'node:crypto'
import { expect, test } from './fixtures'

test('a company is added with its people, put on hold, and that is taken back', async ({ api, page, server }) => {
  await api.get('/session')
  const name = `Ara Surfacing ${randomUUID().slice(0, 6)}`
  await page.goto(`${server.current.url}/companies`)
  await page.getByRole('button', { name: 'New company' }).first().click()
  await page.getByRole('button', { name: 'Add company' }).click()
  await expect(page.getByText('Give the company a name.')).toBeVisible()
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Trades').fill('Chipseal, Line marking')
  await page.getByRole('button', { name: 'Add a contact' }).click()
  await page.getByLabel('E-mail of contact 1').fill('nobody')
  await page.getByRole('button', { name: 'Add company' }).click()
  await expect(page.getByRole('alert')).toContainText('is not an e-mail address')
  await page.getByLabel('E-mail of contact 1').fill('mere@ara.example')
  await page.getByRole('button', { name: 'Add company' }).click()
  const row = page.getByRole('row').filter({ hasText: name })
  await expect(row).toContainText('Subcontractor')
  await expect(row).toContainText('mere@ara.example')

  await row.getByRole('button', { name: `Actions of ${name}` }).click()
  await page.getByRole('menuitem', { name: 'Put on hold' }).click()
  await expect(row).toContainText('On hold')
  await page.getByRole('button', { name: `Undo: Put on hold company ${name}` }).click()
  await expect(row).toContainText('Active')
  await row.getByRole('button', { name: `Actions of ${name}` }).click()
  await page.getByRole('menuitem', { name: 'History' }).click()
  await expect(page.getByRole('dialog')).toContainText('Put on hold company')
})
