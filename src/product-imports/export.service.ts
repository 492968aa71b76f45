import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Injectable, Logger } from '@nestjs/common';
import { stringify } from 'csv-stringify';
import { toAmount } from '../common/money';
import { BulkEditingService, type ExportedProduct } from '../products/bulk-editing.service';
import { defuse } from './csv-cell.mapper';
import { ImportsService } from './imports.service';
import { ATTRIBUTE_PREFIX, PLAIN_COLUMNS } from './product-row.mapper';

function cellsOf(product: ExportedProduct, attributes: readonly string[]): string[] {
  return [
    product.sku,
    product.name,
    product.description,
    toAmount(product.price),
    product.currency,
    product.categorySlug,
    product.quantity === null ? '' : String(product.quantity),
    product.imageUrl ?? '',
    ...attributes.map((name) => (Object.hasOwn(product.attributes, name) ? (product.attributes[name] ?? '') : '')),
  ];
}

/** Files for spreadsheets, and for the import: what comes out goes in again and changes nothing. */
@Injectable()
export class ExportService {
  private readonly logger = new Logger('Export');

  constructor(
    private readonly bulk: BulkEditingService,
    private readonly imports: ImportsService,
  ) {}

  /** All products on sale. Read page by page, no faster than the file is taken: no transaction stays open for it. */
  async products(): Promise<Readable> {
    const attributes = await this.bulk.attributeNames();
    const columns = [...PLAIN_COLUMNS, ...attributes.map((name) => `${ATTRIBUTE_PREFIX}${name}`)];
    const bulk = this.bulk;
    async function* rows(): AsyncGenerator<string[]> {
      yield columns;
      for await (const product of bulk.all()) yield cellsOf(product, attributes).map(defuse);
    }
    return this.file(rows());
  }

  /** Rows of an import that were not taken over. */
  async errors(importId: string): Promise<Readable> {
    await this.imports.get(importId);
    const failures = this.imports.allErrors(importId);
    async function* rows(): AsyncGenerator<string[]> {
      yield ['line', 'sku', 'field', 'message'];
      for await (const { line, sku, field, message } of failures) {
        yield [String(line), sku ?? '', field ?? '', message].map(defuse);
      }
    }
    return this.file(rows());
  }

  /** With a mark at the start: without it a spreadsheet takes UTF-8 for something else. A break of any kind is quoted. */
  private file(rows: AsyncGenerator<string[]>): Readable {
    const csv = stringify({ bom: true, record_delimiter: 'windows', quoted_match: /[\r\n]/ });
    pipeline(Readable.from(rows), csv).catch((error: unknown) => {
      // Whoever stops reading ends it too, and that is no trouble.
      if (!csv.destroyed || error instanceof Error) this.logger.debug(`a file ended early: ${String(error)}`);
    });
    return csv;
  }
}
