import { Injectable } from '@nestjs/common';
import { entryOf, isNew, readEntry, type Entry } from '../cache/cache-entry';
import { Cache } from '../cache/cache.service';
import { CACHE } from '../cache/keys';
import type { ReadyAnswer } from '../http/ready-answer';
import { InventoryService } from '../inventory/inventory.service';
import { CatalogueCache, type Place } from './catalogue-cache.service';
import { PageOfTexts } from './product.view';

export { pageText } from './product.view';

/** Pages that this process remembers, a few kilobytes each; the oldest go first. */
const MOST_PAGES = 500;

type Stored = readonly (string | null)[];

/** What of a page lies in Redis now; `null` for all while it is away. */
interface Seen {
  generation: string | null;
  head: string | null;
  stockGeneration: string | null;
  /** Null as well when only the generation was asked for. */
  stocks: Stored | null;
}

/** An answer and what in Redis it was made of: while that is the same, so is the answer. */
interface Remembered extends Seen {
  page: PageOfTexts;
  answer: ReadyAnswer;
  /** From then on one of its entries is to be refreshed. */
  until: number;
  /** The last time it was asked for, no stock of the shop had changed since the time before. */
  atRest: boolean;
}

function same(some: Stored | null, others: Stored | null): boolean {
  if (!some || some.length !== others?.length) return false;
  return some.every((text, i) => text !== null && text === others[i]);
}

/**
 * Pages of the catalogue with their stock. A page is a few kilobytes that seldom change, its stock some bytes that often
 * do. So a process remembers the pages it served and asks Redis, in one round trip, for what tells whether they still
 * hold: the generation, the page's tag and the stock; while nothing is bought, the stock's generation will do. Nothing is
 * believed that Redis did not just confirm. A page is remembered from the second time on.
 */
@Injectable()
export class CataloguePages {
  private readonly remembered = new Map<string, Remembered>();

  constructor(
    private readonly cache: Cache,
    private readonly catalogue: CatalogueCache,
    private readonly inventory: InventoryService,
  ) {}

  /** Without a place the page is not kept. */
  async answer(place: Place | null, load: () => Promise<string>): Promise<ReadyAnswer> {
    if (!place) {
      const page = new PageOfTexts(entryOf(await load()));
      return page.answer(await this.inventory.stockTexts(page.ids));
    }
    const known = this.remembered.get(place.key);
    const seen = known && (await this.see(place, known.page, !known.atRest));
    if (!known || seen?.generation !== known.generation || seen.head !== known.head || Date.now() >= known.until) {
      const page = new PageOfTexts(await this.catalogue.page(place, load));
      // Most of what was asked for once is not asked for again: kept in memory, it would only be thrown away later.
      if (isNew(page.entry)) return page.answer(await this.stockOfNew(place, page));
      return this.stocked(place, page, await this.see(place, page));
    }
    this.cache.unchanged(place.key);
    known.atRest = seen.stockGeneration !== null && seen.stockGeneration === known.stockGeneration;
    if (!known.atRest) {
      const now = seen.stocks ? seen : await this.see(place, known.page);
      if (!same(now.stocks, known.stocks)) return this.stocked(place, known.page, now);
      known.stockGeneration = now.stockGeneration;
    }
    this.cache.unchanged(CACHE.inventory.key(''), known.page.ids.length);
    return known.answer;
  }

  private async see(place: Place, page: PageOfTexts, withStocks = true): Promise<Seen> {
    const stockKeys = withStocks ? page.ids.map((id) => CACHE.inventory.key(id)) : [];
    // With one command: the stocks are those of that generation.
    const [found, head] = await Promise.all([
      this.cache.lookUp([CACHE.productsGeneration.key(), CACHE.stockGeneration.key(), ...stockKeys]),
      this.cache.head(place.key),
    ]);
    const [generation = null, stockGeneration = null, ...stocks] = found ?? [];
    // Not waited for: who asks next finds it.
    if (found && stockGeneration === null) void this.cache.beginGeneration(CACHE.stockGeneration);
    return { generation, head, stockGeneration, stocks: found && withStocks ? stocks : null };
  }

  private stockOfNew({ rare }: Place, { ids }: PageOfTexts): Promise<Entry[]> {
    return rare ? this.inventory.stockTextsOnce(ids) : this.inventory.stockTexts(ids);
  }

  private async stocked(place: Place, page: PageOfTexts, seen: Seen): Promise<ReadyAnswer> {
    const stocks = await this.inventory.stockTexts(page.ids, seen.stocks);
    const answer = page.answer(stocks);
    const head = readEntry(seen.head ?? '', seen.generation ?? '');
    this.remembered.delete(place.key);
    if (head?.tag !== page.entry.tag) return answer;
    const [oldest] = this.remembered.keys();
    if (this.remembered.size >= MOST_PAGES && oldest !== undefined) this.remembered.delete(oldest);
    const until = Math.min(head.refreshAt, ...stocks.map(({ refreshAt }) => refreshAt));
    this.remembered.set(place.key, { ...seen, page, answer, until, atRest: false });
    return answer;
  }
}
