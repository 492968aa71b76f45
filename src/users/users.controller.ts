import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, RequirePermission, type SignedInUser } from '../http/access.decorators';
import { ProfileDto, UpdateProfileDto } from './dto/user.dto';
import { UsersService } from './users.service';

@ApiTags('users')
@RequirePermission('own:account')
@Controller('v1/users/me')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  get(@CurrentUser() user: SignedInUser): Promise<ProfileDto> {
    return this.users.profile(user.userId);
  }

  /** Changes what is given. */
  @Patch()
  update(@CurrentUser() user: SignedInUser, @Body() body: UpdateProfileDto): Promise<ProfileDto> {
    return this.users.updateProfile(user.userId, body);
  }
}
