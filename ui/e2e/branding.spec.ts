import AxeBuilder from '@axe-core/playwright'
import { expect, test } from './fixtures'

const LOGO = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 60 20'><rect width='60' height='20' fill='#0b5d4f'/><circle cx='10' cy='10' r='6' fill='#ffffff'/></svg>"

test('an Admin sets the letterhead beside a sample; others see it', async ({ api, page, server }) => {
  // The page's own policy must let it show the sample.
  const blocked: string[] = []
  page.on('console', (message) => { if (/Content Security Policy/.test(message.text())) blocked.push(message.text()) })
  await api.signIn('admin')
  await page.goto(`${server.current.url}/branding`)
  const sample = page.getByRole('region', { name: 'Sample' })
  await expect(sample.getByRole('status')).toHaveText('A sample, not a tender')
  await expect(sample.locator('iframe')).toHaveAttribute('src', /^blob:/)

  // Saved once the page has read it back; the sample is set with it.
  const name = page.getByLabel('Name of the organisation')
  const before = await name.inputValue()
  for (const next of ['Oxcon Civil Limited', before]) {
    await name.fill(next)
    await page.getByRole('button', { name: 'Save name' }).click()
    await expect(page.getByRole('button', { name: 'Save name' })).toBeDisabled()
    await expect(name).toHaveValue(next)
  }
  await expect(sample.getByRole('status')).toHaveText('A sample, not a tender')

  await page.getByRole('textbox', { name: 'Letterhead' }).fill('12 Quarry Road, Waihou\n07 555 0123')
  await page.getByLabel('Colour of rules and headings').fill('#ffe000')
  await expect(sample.getByRole('status')).toContainText('too pale to read on white paper')
  await page.getByLabel('Colour of rules and headings').fill('#0b5d4f')
  await page.getByRole('checkbox', { name: 'Unit' }).uncheck()
  await page.getByLabel('Letters are signed by').fill('H. Reweti')
  await page.getByLabel('Position').fill('Director')
  await expect(sample.getByRole('status')).toHaveText('A sample, not a tender')

  // A logo goes up at once and leaves what is typed alone.
  const logo = page.getByLabel('File of the logo')
  await logo.setInputFiles({ name: 'logo.svg', mimeType: 'image/svg+xml', buffer: Buffer.from(LOGO.replace('<circle', '<script>alert(1)</script><circle')) })
  await expect(page.getByRole('alert')).toContainText('element `script`')
  await logo.setInputFiles({ name: 'logo.svg', mimeType: 'image/svg+xml', buffer: Buffer.from(LOGO) })
  await expect(page.getByRole('img', { name: 'The logo of documents' })).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'Letterhead' })).toHaveValue('12 Quarry Road, Waihou\n07 555 0123')
  await page.getByRole('button', { name: 'Save letterhead' }).click()
  await expect(page.getByRole('button', { name: 'Save letterhead' })).toBeDisabled()
  await expect(sample.getByRole('status')).toHaveText('A sample, not a tender')
  const found = await new AxeBuilder({ page }).exclude('iframe').withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze()
  expect(found.violations).toEqual([])

  await page.getByRole('button', { name: /^Undo: Change the letterhead/ }).click()
  await expect(page.getByRole('textbox', { name: 'Letterhead' })).toHaveValue('')
  await page.getByRole('button', { name: /^Redo: Change the letterhead/ }).click()
  await expect(page.getByRole('textbox', { name: 'Letterhead' })).toHaveValue(/12 Quarry Road/)
  await expect(page.getByLabel('Letters are signed by')).toHaveValue('H. Reweti')
  await expect(page.getByLabel('Position')).toHaveValue('Director')

  expect(blocked).toEqual([])
  await api.signIn('estimator')
  await page.reload()
  await expect(page.getByText('An Admin changes it.')).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'Letterhead' })).toBeDisabled()
  await expect(page.getByRole('button', { name: 'Save letterhead' })).toHaveCount(0)
})
