import { defineConfig } from '@playwright/test';

const json = process.env.PLAYWRIGHT_JSON_OUTPUT_FILE;

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  // Each test has a server of its own, and the machines this runs on are small: one at a time.
  workers: 1,
  fullyParallel: false,
  // A test that passes at the second try has found a bug.
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ...(json ? [['json', { outputFile: json }] as const] : [])],
  use: {
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    locale: 'en-GB',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      // bin/test says which; without it, Playwright's own browser is used.
      executablePath: process.env.ROOST_CHROMIUM || undefined,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
});
