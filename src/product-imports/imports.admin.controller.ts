import { Controller, Get, HttpCode, Post, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CursorQuery } from '../common/pagination.dto';
import { CurrentUser, RequirePermission, type SignedInUser } from '../http/access.decorators';
import {
  ApiIdempotencyKey,
  OptionalIdempotencyKey,
  type IdempotentRequest,
} from '../http/idempotency/idempotency.decorators';
import { tellReplayed } from '../http/idempotency/replayed.header';
import { linkNext } from '../http/link.header';
import { Problems } from '../http/problems.decorator';
import { Unhurried } from '../http/request-timeout';
import { streamFile, TakesFile } from '../http/uploads';
import { UuidParam } from '../http/uuid.param';
import { ImportDto, ImportErrorDto, ImportErrorsDto, ImportQuery, ImportsDto } from './dto/import.dto';
import { ExportService } from './export.service';
import { ImportsService } from './imports.service';

const CSV = 'text/csv; charset=utf-8';

@ApiTags('admin: import and export')
@RequirePermission('catalogue:write')
@Controller('v1/admin')
export class ImportsAdminController {
  constructor(
    private readonly imports: ImportsService,
    private readonly exports: ExportService,
  ) {}

  /**
   * Import products
   * @remarks Takes a CSV file in, as the body or in a form; its rows are done in the background.
   */
  @Post('imports')
  @HttpCode(202)
  @ApiIdempotencyKey(false)
  @TakesFile({}, 'text/csv', 'multipart/form-data')
  @Problems('import.encoding', 'import.malformed', 'import.columns', 'body_too_large', 'unsupported_media_type')
  async receive(
    @Query() query: ImportQuery,
    @Req() request: FastifyRequest,
    @CurrentUser() user: SignedInUser,
    @OptionalIdempotencyKey() key: IdempotentRequest | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImportDto> {
    const outcome = await streamFile(request, (source) =>
      this.imports.receive(source, ImportQuery.options(query), user.userId, key),
    );
    const job = ImportDto.of(tellReplayed(reply, outcome));
    reply.header('Location', `/v1/admin/imports/${job.id}`);
    return job;
  }

  /**
   * List imports
   * @remarks Newest first.
   */
  @Get('imports')
  @RequirePermission('catalogue:read')
  async list(@Query() query: CursorQuery, @Res({ passthrough: true }) reply: FastifyReply): Promise<ImportsDto> {
    const { items, page } = await this.imports.list(query);
    linkNext(reply, page);
    return { items: items.map((job) => ImportDto.of(job)), page };
  }

  /**
   * Read an import
   * @remarks How far it is.
   */
  @Get('imports/:id')
  @Problems('import.not_found')
  @RequirePermission('catalogue:read')
  async get(@UuidParam('id') id: string): Promise<ImportDto> {
    return ImportDto.of(await this.imports.get(id));
  }

  /**
   * List the errors of an import
   * @remarks Rows that were not taken over, in the order of the file.
   */
  @Get('imports/:id/errors')
  @Problems('import.not_found')
  @RequirePermission('catalogue:read')
  async errors(
    @UuidParam('id') id: string,
    @Query() query: CursorQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImportErrorsDto> {
    const { items, page } = await this.imports.errors(id, query);
    linkNext(reply, page);
    return { items: items.map((item) => ImportErrorDto.of(item)), page };
  }

  /**
   * Download the errors of an import
   * @remarks The same rows as a CSV file.
   */
  @Get('imports/:id/errors.csv')
  @Unhurried()
  @RequirePermission('catalogue:read')
  @ApiOkResponse({ content: { 'text/csv': { schema: { type: 'string' } } } })
  @Problems('import.not_found')
  async errorFile(@UuidParam('id') id: string): Promise<StreamableFile> {
    return new StreamableFile(await this.exports.errors(id), {
      type: CSV,
      disposition: `attachment; filename="import-errors-${id}.csv"`,
    });
  }

  /**
   * Export products
   * @remarks All products on sale as a CSV file, which the import takes again.
   */
  @Get('products/export')
  @Unhurried()
  @RequirePermission('catalogue:read')
  @ApiOkResponse({ content: { 'text/csv': { schema: { type: 'string' } } } })
  async products(): Promise<StreamableFile> {
    return new StreamableFile(await this.exports.products(), {
      type: CSV,
      disposition: 'attachment; filename="products.csv"',
    });
  }
}
