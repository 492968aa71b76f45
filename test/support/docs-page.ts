import type { Locator, Page } from 'playwright-core';

/** What an operation answered, as the page shows it. */
export interface ShownAnswer<T> {
  status: string;
  body: T;
}

/** Swagger UI as its reader uses it: by clicking and typing. */
export class DocsPage {
  constructor(
    readonly page: Page,
    private readonly url: string,
  ) {}

  async open(fragment = ''): Promise<void> {
    // The same address with another fragment alone loads nothing.
    await this.page.goto('about:blank');
    await this.page.goto(`${this.url}/docs${fragment}`);
    await this.page.locator('.opblock').first().waitFor();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.page.locator('.opblock').first().waitFor();
  }

  groups(): Promise<string[]> {
    return this.page.locator('.opblock-tag-section > h3 > a').allInnerTexts();
  }

  async authorize(scheme: string, value: string): Promise<void> {
    await this.page.locator('.auth-wrapper > .authorize').click();
    const form = this.page.locator('.auth-container').filter({ hasText: scheme });
    await form.locator('input').fill(value);
    await form.locator('button.authorize').click();
    await form.locator('button', { hasText: 'Logout' }).waitFor();
    await this.page.locator('.dialog-ux .btn-done').first().click();
  }

  /** Whether the lock beside the operation is closed. */
  async isAuthorized(id: string): Promise<boolean> {
    return (await this.operation(id).locator('[aria-label="authorization button locked"]').count()) > 0;
  }

  operation(id: string): Locator {
    return this.page.locator(`.opblock[id$="-${id}"]`);
  }

  /** Unfolds it, unless it is. */
  async unfold(id: string): Promise<Locator> {
    const operation = this.operation(id);
    if ((await operation.locator('.opblock-body').count()) === 0) {
      await operation.locator('.opblock-summary-control').click();
    }
    return operation;
  }

  async fill(id: string, parameter: string, value: string): Promise<void> {
    const operation = await this.unfold(id);
    await operation.locator(`tr[data-param-name="${parameter}"] input`).fill(value);
  }

  /** Changes what stands in the body; the rest of the example stays. */
  async edit(id: string, changes: object): Promise<void> {
    const body = (await this.unfold(id)).locator('textarea.body-param__text');
    const example: object = JSON.parse(await body.inputValue());
    await body.fill(JSON.stringify({ ...example, ...changes }, null, 2));
  }

  async execute<T>(id: string): Promise<ShownAnswer<T>> {
    const operation = await this.unfold(id);
    const clear = operation.locator('button.btn-clear');
    if ((await clear.count()) > 0) await clear.click();
    await operation.locator('button.execute').click();
    const answer = operation.locator('.live-responses-table');
    await answer.locator('.response-col_description code').first().waitFor();
    const text = await answer.locator('.response-col_description .highlight-code code').first().innerText();
    const body: T = JSON.parse(text);
    return {
      status: (await answer.locator('tbody .response-col_status').first().innerText()).trim(),
      body,
    };
  }
}
