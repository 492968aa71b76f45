import { hash } from 'node:crypto';
import type { Entry } from '../cache/cache-entry';
import type { ReadyAnswer } from '../http/ready-answer';

/**
 * Answers are put together from texts: the product's, which is cached for long, and its stock's, which changes by the
 * second. Neither is parsed. A product's text ends where its stock belongs.
 */
export function productText(product: object): string {
  return `${JSON.stringify(product).slice(0, -1)},"stock":`;
}

/**
 * A page as it is cached: a line with the products' ids, whose stock is asked for, a line with what else the answer says,
 * then a line for each product: JSON holds no line break.
 */
export function pageText(products: readonly { id: string }[], rest: object): string {
  const ids = products.map(({ id }) => id).join(' ');
  return [ids, JSON.stringify(rest).slice(1, -1), ...products.map(productText)].join('\n');
}

export function productAnswer(product: Entry, stock: Entry): ReadyAnswer {
  return { tag: `${product.tag}-${stock.tag}`, body: () => `${product.text}${stock.text}}` };
}

/** A page as it was cached, with its products' ids. */
export class PageOfTexts {
  readonly ids: readonly string[];
  private readonly rest: string;
  private readonly products: readonly string[];

  constructor(readonly entry: Entry) {
    const [ids = '', rest = '', ...products] = entry.text.split('\n');
    this.ids = ids === '' ? [] : ids.split(' ');
    this.rest = rest === '' ? '' : `,${rest}`;
    this.products = products;
  }

  /** `stocks` are those of `ids`, in that order. */
  answer(stocks: readonly Entry[]): ReadyAnswer {
    const tags = stocks.map(({ tag }) => tag).join('');
    // Bytes, made once: the answer may be given many times.
    let built: Buffer | undefined;
    const build = (): Buffer => {
      const items = this.products.map((product, i) => `${product}${stocks[i]?.text ?? 'null'}}`).join(',');
      return Buffer.from(`{"items":[${items}]${this.rest}}`);
    };
    return {
      tag: `${this.entry.tag}-${hash('sha1', tags, 'base64url').slice(0, 16)}`,
      body: () => (built ??= build()),
    };
  }
}
