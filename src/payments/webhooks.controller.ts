import { Controller, HttpCode, Param, Post, Req, type RawBodyRequest } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { SkipThrottle } from '@nestjs/throttler';
import type { FastifyRequest } from 'fastify';
import { Public } from '../http/access.decorators';
import { Problems } from '../http/problems.decorator';
import { providerUnknown, signatureWrong } from './payments.errors';
import { WebhookService } from './webhook.service';

/**
 * Where the provider tells of charges; the signature covers the raw body (Standard Webhooks). It has one address and as
 * much to say as there are charges: no rate limit.
 */
@ApiTags('provider')
@Public()
@SkipThrottle()
@Controller('v1/webhooks/payments')
export class WebhooksController {
  constructor(private readonly webhooks: WebhookService) {}

  /**
   * Take a webhook of the provider
   * @remarks The provider tells of a charge. The signature covers the raw body, by Standard Webhooks.
   */
  @Post(':provider')
  @HttpCode(204)
  @Problems('webhook.signature_invalid', 'webhook.provider_unknown')
  async take(@Param('provider') provider: string, @Req() request: RawBodyRequest<FastifyRequest>): Promise<void> {
    if (provider !== 'sandbox') throw providerUnknown();
    if (!request.rawBody) throw signatureWrong();
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers)) if (typeof value === 'string') headers[name] = value;
    await this.webhooks.take(request.rawBody.toString('utf8'), headers);
  }
}
