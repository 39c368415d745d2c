import { defineConfig } from '@playwright/test'

const CI = Boolean(process.env.CI)

/** How long a state may take to come about, ms: the slowest machine these run on, under load. Waiting ends as soon as it has. */
const STATE_MS = 30_000
const TEST_MS = 180_000
/** How long a control may take to be there and ready, ms: then the test says which it was, and not only that its time is over. */
const ACTION_MS = 60_000

/** Drives the real binary (OXFLOW_BIN) with an installed Chromium (CHROMIUM); nothing is downloaded. */
export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  workers: 1,
  timeout: TEST_MS,
  expect: { timeout: STATE_MS },
  forbidOnly: CI,
  retries: CI ? 1 : 0,
  reporter: CI ? [['list'], ['html', { outputFolder: '../playwright-report', open: 'never' }]] : 'list',
  use: {
    viewport: { width: 1440, height: 900 },
    actionTimeout: ACTION_MS,
    locale: 'en-NZ',
    timezoneId: 'Pacific/Auckland',
    permissions: ['clipboard-read', 'clipboard-write'],
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
        // A page of OXFLOW_UI (see fixtures.ts) comes from no address, and would not be let open the live connection.
        ...(process.env.OXFLOW_UI ? ['--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets'] : [])],
    },
  },
})
