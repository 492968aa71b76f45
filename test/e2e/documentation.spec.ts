import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { DEMO_CUSTOMER, DEMO_PRODUCT } from '../../src/common/demo-data';
import { TOPICS } from '../../src/events/topics';
import { TAGS } from '../../src/http/openapi/shared.document';
import { startBrowser, watch } from '../support/browser';
import { DocsPage } from '../support/docs-page';
import { eventually } from '../support/eventually';
import { Shop, type CheckoutBody, type OrderBody } from '../support/shop';

/** `npm run docs:screenshot` says where. */
const SCREENSHOT = process.env['DOCS_SCREENSHOT'];

const BEARER = 'The accessToken of a login';

/** A customer of the demo orders a lamp, and never leaves the documentation. */
describe('the documentation in a browser', () => {
  const shop = new Shop();
  let browser: Browser;
  let page: Page;
  let docs: DocsPage;
  let faults: string[];
  let order: OrderBody;

  const opened = async (baseUrl: string): Promise<DocsPage> => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 1000 } });
    page = await context.newPage();
    page.setDefaultTimeout(60_000);
    faults = watch(page);
    return new DocsPage(page, baseUrl);
  };

  beforeAll(async () => {
    browser = await startBrowser();
    docs = await opened(shop.stack.baseUrl);
  }, 300_000);

  afterAll(() => browser?.close());

  afterEach(() => expect(faults).toEqual([]));

  it('shows what there is, in groups', async () => {
    await docs.open();
    expect(await docs.groups()).toEqual(Object.keys(TAGS));
    expect(await page.title()).toBe('Tradepost API');
    const about = page.locator('.information-container');
    expect(await about.locator('h1, h2').first().innerText()).toContain('Tradepost');
    expect(await about.locator('.version').first().innerText()).toMatch(/^ *1 *$/);
    expect(await about.getByRole('link', { name: 'Apache-2.0' }).getAttribute('href')).toContain('apache.org');
    expect(await about.getByRole('link', { name: /contact/i }).getAttribute('href')).toMatch(/^mailto:.+@/);
    expect(await page.locator('link[rel=icon]').getAttribute('href')).toMatch(/^data:image\/svg/);
    expect(await page.locator('.servers option').allInnerTexts()).toEqual([
      '/ - The server this document came from',
      expect.stringContaining(shop.stack.baseUrl),
    ]);
    expect(await page.locator('.models .model-container').count()).toBe(0);
  }, 120_000);

  it('finds an operation by its address', async () => {
    const operations = page.locator('.opblock-tag-section .opblock');
    await page.locator('.operation-filter-input').fill('/cart/items');
    await eventually('the others to go', async () => (await operations.count()) === 3);
    await page.locator('.operation-filter-input').fill('');
  }, 60_000);

  it('leads straight to an operation, which signs in', async () => {
    await docs.open('#/auth/authLogin');
    const login = docs.operation('authLogin');
    await login.locator('.opblock-body').waitFor();
    const { status, body } = await docs.execute<{ accessToken: string }>('authLogin');
    expect(status).toBe('200');
    expect(await login.locator('.responses-wrapper').innerText()).toMatch(/Request duration\s+\d+ ms/);
    await login.locator('.request-snippets').getByText('JavaScript', { exact: true }).click();
    expect(await login.locator('.request-snippets').innerText()).toMatch(/await fetch\("https.+\/v1\/auth\/login", \{/);
    await docs.authorize(BEARER, body.accessToken);
    expect(await docs.isAuthorized('cartAdd')).toBe(true);
  }, 120_000);

  it('orders the product of its examples', async () => {
    const added = await docs.execute<{ items: { productId: string }[] }>('cartAdd');
    expect(added.status).toBe('200');
    expect(added.body.items.map(({ productId }) => productId)).toEqual([DEMO_PRODUCT.id]);

    await docs.fill('checkoutCreate', 'Idempotency-Key', randomUUID());
    const checkout = await docs.execute<CheckoutBody>('checkoutCreate');
    expect(checkout.status).toBe('201');

    await docs.fill('checkoutPlace', 'Idempotency-Key', randomUUID());
    await docs.edit('checkoutPlace', { checkoutId: checkout.body.id });
    const placed = await docs.execute<OrderBody>('checkoutPlace');
    expect(placed.status).toBe('201');
    order = placed.body;

    await docs.fill('ordersGet', 'id', order.id);
    const paid = await eventually('the order to be paid', async () => {
      const { body } = await docs.execute<OrderBody>('ordersGet');
      return body.status !== 'pending' && body;
    });
    expect(paid.payment.status).toBe('succeeded');
    expect(['confirmed', 'processing']).toContain(paid.status);
  }, 180_000);

  it('knows who one is after a reload', async () => {
    await docs.reload();
    expect(await docs.isAuthorized('usersGet')).toBe(true);
    const me = await docs.execute<{ email: string }>('usersGet');
    expect(me.body.email).toBe(DEMO_CUSTOMER.email);
    if (!SCREENSHOT) return;
    await docs.open('#/orders/ordersGet');
    await docs.fill('ordersGet', 'id', order.id);
    await docs.execute('ordersGet');
    await page.evaluate('document.activeElement.blur()');
    await page.screenshot({ path: SCREENSHOT });
  }, 120_000);

  it('works at a server itself, without Nginx', async () => {
    docs = await opened(shop.stack.apiUrls[1] ?? '');
    await docs.open('#/catalogue/productsGet');
    const product = await docs.execute<{ name: string }>('productsGet');
    expect(product.body.name).toBe(DEMO_PRODUCT.name);
  }, 120_000);
});

describe('the policy of the documentation', () => {
  const shop = new Shop();

  it.each([
    ['by way of Nginx', () => shop.stack.baseUrl],
    ['at a server itself', () => shop.stack.apiUrls[0] ?? ''],
  ])('lets in scripts from files of this server, and nothing written into the page: %s', async (_, base) => {
    for (const path of ['/docs', '/docs/', '/docs/index.html']) {
      const response = await fetch(`${base()}${path}`);
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy.split('; ')).toEqual(
        expect.arrayContaining(["default-src 'none'", "script-src 'self'", "connect-src 'self'", "base-uri 'none'"]),
      );
      expect(policy).not.toContain("'unsafe-inline'");
      expect(policy).not.toMatch(/https?:|\*/);
      const html = await response.text();
      expect(html).not.toMatch(/<script(?![^>]* src=)/);
      expect(html).not.toMatch(/(?:src|href)=["']https?:/);
    }
  });

  it('holds for the list of errors too, which has its own', async () => {
    const response = await fetch(`${shop.stack.apiUrls[0]}/docs/errors`, { headers: { accept: 'text/html' } });
    expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; style-src 'unsafe-inline'");
  });
});

describe('the events in the documentation', () => {
  const shop = new Shop();

  it('are there for programs and for people', async () => {
    const document = await shop
      .visitor()
      .get<{ asyncapi: string; channels: Record<string, { messages: object }> }>('/docs/events');
    expect(document.asyncapi).toBe('3.0.0');
    expect(Object.keys(document.channels)).toEqual(Object.values(TOPICS));
    const response = await fetch(`${shop.stack.baseUrl}/docs/events`, { headers: { accept: 'text/html' } });
    expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; style-src 'unsafe-inline'");
    const page = await response.text();
    const types = Object.values(document.channels).flatMap(({ messages }) => Object.keys(messages));
    expect(types.length).toBeGreaterThan(10);
    for (const type of types) expect(page).toContain(`<tr id="${type}">`);
    const places = [...page.matchAll(/href="#([^"]*)"/g)].map(([, place]) => place);
    expect(places.filter((place) => !page.includes(` id="${place}"`))).toEqual([]);
    const docs = await (await fetch(`${shop.stack.baseUrl}/docs-json`)).text();
    for (const link of ['(/docs/events)', '(/docs/errors)']) expect(docs).toContain(link);
  });
});
