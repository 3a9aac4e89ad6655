// The browser tests. `cargo xtask test --browser` runs them on a fresh build; by hand:
//
//   npm ci && npx playwright test [--project cpu|gpu] [FILE...]
//
// CHROMIUM names the browser's program (default: /usr/bin/chromium), HEADLESS_SHELL that of the same browser without its own
// windows, which is quicker (default: CHROMIUM). LOOKOUT_URL and LOOKOUT_SUB_PATH_URL name servers
// that run already, with the app at a root and under a path; without them the tests use, or start, `cargo xtask serve`.
import { defineConfig } from '@playwright/test';

/** Where the app is. */
export const APP = process.env.LOOKOUT_URL ?? 'http://localhost:8080/';

/** The whole browser: what has a GPU, and settings of its own. */
export const WHOLE = process.env.CHROMIUM || '/usr/bin/chromium';
/** The same engine without menus and windows: a visit takes two thirds of the time. */
const SHELL = process.env.HEADLESS_SHELL || WHOLE;

const COMMON = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
];
const WITHOUT_WEBGPU = [
  ...COMMON,
  '--disable-features=WebGPU,WebGPUService',
  '--disable-gpu',
  // Hundreds of visits look at a photo or two: code that is compiled twice does not pay for any of them.
  '--js-flags=--wasm-tiering-budget=100000000',
];
const WITH_WEBGPU = [
  ...COMMON,
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--ignore-gpu-blocklist',
];

const browser = (executablePath, args) => ({ launchOptions: { executablePath, args } });

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.mjs',
  outputDir: 'test-results',
  workers: Number(process.env.LOOKOUT_TEST_WORKERS ?? 2),
  fullyParallel: true,
  forbidOnly: true,
  // Hundreds of visits share two cores: one that was starved is made once more, and the report names it as flaky.
  retries: 1,
  timeout: 90_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  webServer: process.env.LOOKOUT_URL
    ? undefined
    : { command: 'cargo xtask serve --no-build', url: APP, cwd: '../..', reuseExistingServer: true },
  use: {
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    // Most visits are first visits; the tests of offline use allow the service worker.
    serviceWorkers: 'block',
    trace: 'off',
  },
  projects: [
    { name: 'cpu', grepInvert: /@gpu/, use: browser(SHELL, WITHOUT_WEBGPU) },
    // A software adapter runs WebGPU here, seconds a photo: only what is about WebGPU.
    { name: 'gpu', grep: /@gpu|@both/, timeout: 240_000, use: browser(WHOLE, WITH_WEBGPU) },
  ],
});
