import { hash } from 'node:crypto';
import type { Entry } from '../cache/cache-entry';
import type { ReadyAnswer } from '../http/ready-answer';
import { ProductDto } from './dto/product.dto';
import type { Paging, ProductRecord, ProductRecords } from './products.types';

/**
 * Answers are put together from texts: the product's, which is cached for long, and its stock's, which changes by the
 * second. Neither is parsed. A product's text ends where its stock belongs.
 */
export function productText(product: ProductRecord): string {
  return `${JSON.stringify(ProductDto.withoutStock(product)).slice(0, -1)},"stock":`;
}

/** A line with the total and the ids, whose stock is asked for, then a line for each product: JSON holds no line break. */
export function pageText({ items, total }: ProductRecords): string {
  return [[total, ...items.map(({ id }) => id)].join(' '), ...items.map(productText)].join('\n');
}

export function productAnswer(product: Entry, stock: Entry): ReadyAnswer {
  return { tag: `${product.tag}-${stock.tag}`, body: () => `${product.text}${stock.text}}` };
}

/** A page as it was cached, with its products' ids. */
export class PageOfTexts {
  readonly ids: readonly string[];
  private readonly total: string;
  private readonly products: readonly string[];

  constructor(readonly entry: Entry) {
    const [first = '0', ...products] = entry.text.split('\n');
    const [total = '0', ...ids] = first.split(' ');
    this.total = total;
    this.ids = ids;
    this.products = products;
  }

  /** `stocks` are those of `ids`, in that order. */
  answer(stocks: readonly Entry[], { page, pageSize }: Paging): ReadyAnswer {
    const tags = stocks.map(({ tag }) => tag).join('');
    let built: string | undefined;
    const build = (): string => {
      const items = this.products.map((product, i) => `${product}${stocks[i]?.text ?? 'null'}}`).join(',');
      return `{"items":[${items}],"page":{"page":${page},"pageSize":${pageSize},"total":${this.total}}}`;
    };
    return {
      tag: `${this.entry.tag}-${hash('sha1', tags, 'base64url').slice(0, 16)}`,
      body: () => (built ??= build()),
    };
  }
}
