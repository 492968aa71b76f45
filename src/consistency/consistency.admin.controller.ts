import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, RequirePermission, type SignedInUser } from '../http/access.decorators';
import { ConsistencyService } from './consistency.service';
import { ConsistencyDto, ConsistencyQuery, RepairDto } from './dto/consistency.dto';
import { RepairService } from './repair.service';

/** Nginx waits half a minute for an answer; second readings need some of it, and a repair looks twice. */
const LOOK_WITHIN_MS = 15_000;
const REPAIR_LOOKS_WITHIN_MS = 7_000;

@ApiTags('admin: operations')
@RequirePermission('operations:read')
@Controller('v1/admin/consistency')
export class ConsistencyAdminController {
  constructor(
    private readonly consistency: ConsistencyService,
    private readonly repairs: RepairService,
  ) {}

  /**
   * Check all stores
   * @remarks Compares them with each other and tells of what two readings show.
   */
  @Get()
  async check(@Query() query: ConsistencyQuery): Promise<ConsistencyDto> {
    return ConsistencyDto.of(await this.consistency.check(query, LOOK_WITHIN_MS));
  }

  /**
   * Repair what can be
   * @remarks Without a person; once more changes nothing more.
   */
  @Post('repair')
  @HttpCode(200)
  @RequirePermission('operations:write')
  async repair(@Query() query: ConsistencyQuery, @CurrentUser() user: SignedInUser): Promise<RepairDto> {
    return RepairDto.of(await this.repairs.repair(query, user.userId, REPAIR_LOOKS_WITHIN_MS));
  }
}
