import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Problems } from '../http/problems.decorator';
import { CurrentUser, RequirePermission, type SignedInUser } from '../http/access.decorators';
import { ProfileDto, UpdateProfileDto } from './dto/user.dto';
import { UsersService } from './users.service';

@ApiTags('users')
@RequirePermission('own:account')
@Controller('v1/users/me')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  /**
   * Read the own profile
   * @remarks Who is signed in.
   */
  @Get()
  @Problems('user.not_found')
  get(@CurrentUser() user: SignedInUser): Promise<ProfileDto> {
    return this.users.profile(user.userId);
  }

  /**
   * Change the own profile
   * @remarks Changes what is given; `phone: null` removes the number.
   */
  @Patch()
  @Problems('user.not_found')
  update(@CurrentUser() user: SignedInUser, @Body() body: UpdateProfileDto): Promise<ProfileDto> {
    return this.users.updateProfile(user.userId, body);
  }
}
