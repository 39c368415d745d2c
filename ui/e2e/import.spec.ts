import { expect, test } from './fixtures'

const SCHEDULE = [
  'Item,Description,Qty,Unit,Rate',
  '1,EARTHWORKS,,,',
  '1.01,Strip topsoil,850,m3,6.5',
  '1.02,Trim and compact,2400,m2,1.25',
  '2,DRAINAGE,,,',
  '2.01,Lay pipe,96.5,hank,182.4',
  '2.02,Manhole,6,each,',
].join('\r\n')

function csv(text: string, name = 'schedule.csv') {
  return { name, mimeType: 'text/csv', buffer: Buffer.from(text) }
}

test('a schedule goes in step by step, keeps what was answered, and can be undone', async ({ api, grid, page, server }) => {
  const { id } = await api.estimate('Import')
  await page.goto(`${server.current.url}/estimates/${id}/import`)
  await page.getByLabel('File to import').setInputFiles(csv(SCHEDULE))

  await expect(page.getByRole('button', { name: 'Row 1 holds the column headings' })).toBeVisible()
  await page.getByRole('button', { name: 'Next: columns' }).click()

  await expect(page.getByLabel('Column C “Qty” holds')).toHaveValue('quantity')
  await page.getByLabel('Cost type of the plugs').selectOption('material')
  await page.getByRole('button', { name: 'Next: units' }).click()

  const unit = page.getByLabel('Unit of hank')
  await expect(unit).toBeVisible()
  await unit.selectOption('m')
  await page.getByRole('button', { name: 'Back' }).click()
  await expect(page.getByLabel('Cost type of the plugs')).toHaveValue('material')
  await page.getByRole('button', { name: 'Next: units' }).click()
  await expect(unit).toHaveValue('m')
  await page.getByRole('button', { name: 'Next: preview' }).click()

  await expect(page.getByRole('row').filter({ hasText: 'Strip topsoil' })).toContainText('Add')
  await page.getByRole('button', { name: 'Import 4 items' }).click()
  await expect(grid.row('Strip topsoil')).toBeVisible()
  await page.getByRole('status').getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByText('This estimate has no rows yet')).toBeVisible()
})

test('what cannot be imported is named by cell and rule, and nothing is written', async ({ api, page, server }) => {
  const { id } = await api.estimate('Refused import')
  await page.goto(`${server.current.url}/estimates/${id}/import`)
  await page.getByLabel('File to import').setInputFiles(csv('Item,Description,Qty,Unit\r\n1,Works,,\r\n1.01,Dig,about 5,m3\r\n'))
  await page.getByRole('button', { name: 'Next: columns' }).click()
  await page.getByRole('button', { name: 'Next: units' }).click()
  await page.getByRole('button', { name: 'Next: preview' }).click()
  await expect(page.getByText('C3').first()).toBeVisible()
  await expect(page.getByText('Stops the import')).toBeVisible()
  await expect(page.getByRole('button', { name: /^Import \d/ })).toBeDisabled()
})

test('a file that is not read is refused before it is sent', async ({ api, page, server }) => {
  const { id } = await api.estimate('Wrong file')
  await page.goto(`${server.current.url}/estimates/${id}/import`)
  await page.getByLabel('File to import').setInputFiles({ name: 'drawing.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF') })
  await expect(page.getByRole('alert')).toContainText('.pdf')
})

test('a second import adds, changes and drops by code', async ({ api, page, server }) => {
  const { estimateId } = await api.schedule('Again')
  await page.goto(`${server.current.url}/estimates/${estimateId}/import`)
  const changed = 'Item,Description,Qty,Unit\r\n1,Earthworks,,\r\n1.01,Strip topsoil,12,m3\r\n1.02,Cut to waste,20,m3\r\n1.04,Trim,30,m2\r\n'
  await page.getByLabel('File to import').setInputFiles(csv(changed))
  await page.getByRole('button', { name: 'Next: columns' }).click()
  await page.getByLabel('Rows', { exact: true }).selectOption('reimport')
  await page.getByRole('button', { name: 'Next: units' }).click()
  await page.getByRole('button', { name: 'Next: preview' }).click()
  await page.getByRole('button', { name: /^Changed/ }).click()
  await expect(page.getByRole('row').filter({ hasText: '1.01' })).toContainText('Change')
  await page.getByRole('button', { name: /^Dropped/ }).click()
  await expect(page.getByRole('row').filter({ hasText: '1.03' })).toContainText('Drop')
})

test('a plan that was given up and reaches the server late does not take the place of the one shown', async ({ api, grid, page, server }) => {
  const { id } = await api.estimate('Late plan')
  let late: Promise<void> | undefined
  await page.route(/\/plan$/, async (route) => {
    if (late) return route.continue()
    // On its way for a while, and then answered whether or not anybody still listens.
    late = (async () => {
      await new Promise((done) => setTimeout(done, 1_500))
      const response = await route.fetch()
      await route.fulfill({ response }).catch(() => {})
    })()
    return late
  })
  await page.goto(`${server.current.url}/estimates/${id}/import`)
  await page.getByLabel('File to import').setInputFiles(csv(SCHEDULE.replace('hank', 'm')))
  await page.getByRole('button', { name: 'Next: columns' }).click()
  await page.getByRole('button', { name: 'Next: units' }).click()
  await page.getByRole('button', { name: 'Next: preview' }).click()
  await expect(page.getByRole('row').filter({ hasText: 'Strip topsoil' })).toContainText('Add')
  await late
  await page.getByRole('button', { name: 'Import 4 items' }).click()
  await expect(grid.row('Strip topsoil')).toBeVisible()
})
