import { Body, Controller, Delete, Get, HttpCode, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CurrentUser, RequirePermission, type SignedInUser } from '../http/access.decorators';
import { Problems } from '../http/problems.decorator';
import { EraseAccountDto, ErasureDto } from './dto/erasure.dto';
import { PersonalExportDto } from './dto/export.dto';
import { ErasureService } from './erasure.service';
import { PersonalExport } from './personal-export.service';

@ApiTags('users')
@RequirePermission('own:account')
@Controller('v1/users/me')
export class PrivacyController {
  constructor(
    private readonly exports: PersonalExport,
    private readonly erasure: ErasureService,
  ) {}

  /**
   * Export all own data
   * @remarks Everything the shop keeps of who is signed in, live and archived, as one JSON document. Secrets are not in it:
   * of a password, tokens and codes only hashes are kept.
   */
  @Get('export')
  @ApiOkResponse({ type: PersonalExportDto })
  @Problems('user.not_found')
  async export(@CurrentUser() user: SignedInUser): Promise<StreamableFile> {
    return new StreamableFile(await this.exports.of(user.userId), {
      type: 'application/json; charset=utf-8',
      disposition: 'attachment; filename="tradepost-export.json"',
    });
  }

  /**
   * Erase the account
   * @remarks For good, confirmed by the password. Nobody gets in from then on; name, addresses, messages and whatever else
   * is personal follow within minutes in every store. Orders keep their numbers, lines, amounts and dates, for the books.
   * Unfinished orders have to be cancelled or to arrive first.
   */
  @Delete()
  @HttpCode(202)
  @Problems('auth.wrong_password', 'auth.too_many_attempts', 'erasure.open_orders', 'erasure.staff_account')
  erase(@CurrentUser() user: SignedInUser, @Body() body: EraseAccountDto): Promise<ErasureDto> {
    return this.erasure.request(user.userId, body.password);
  }
}
