import { defineConfig } from '@playwright/test'

const CI = Boolean(process.env.CI)

/** Drives the real binary (OXFLOW_BIN) with an installed Chromium (CHROMIUM); nothing is downloaded. */
export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: CI,
  reporter: CI ? [['line'], ['html', { outputFolder: '../playwright-report', open: 'never' }]] : 'list',
  use: {
    viewport: { width: 1440, height: 900 },
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
