import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AppError } from '../common/app-error';
import { PROBLEMS } from '../common/problem.codes';
import { Problems } from './problems.decorator';
import { Public } from './access.decorators';
import { ProblemKindsDto } from './problem.dto';
import { PAGE_HEADERS, problemsPage } from './problems.view';

@ApiTags('operations')
@Public()
@Controller()
export class ProblemsController {
  private readonly kinds = ProblemKindsDto.of(PROBLEMS);
  private readonly page = problemsPage(this.kinds.items);

  /**
   * Every `code` of a problem document
   * @remarks What each means and what can be done about it: a page for browsers, JSON for everyone else.
   */
  @Get('docs/errors')
  @ApiExtraModels(ProblemKindsDto)
  @ApiOkResponse({
    description: 'All codes',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(ProblemKindsDto) } },
      'text/html': { schema: { type: 'string' } },
    },
  })
  list(@Headers('accept') accept: string | undefined, @Res() reply: FastifyReply): void {
    const forPeople = accept?.includes('text/html') ?? false;
    void reply.header('Vary', 'Accept').header('Cache-Control', 'public, max-age=300');
    if (forPeople) void reply.headers(PAGE_HEADERS).send(this.page);
    else void reply.send(this.kinds);
  }

  /**
   * Where the `type` of a problem document leads
   * @remarks Redirects to the code's place on the page of all codes.
   */
  @Get('problems/:code')
  @Problems('not_found')
  open(@Param('code') code: string, @Res() reply: FastifyReply): void {
    if (!Object.hasOwn(PROBLEMS, code)) throw new AppError('not_found', 'not_found', 'There is no such code.');
    void reply.status(302).header('Location', `/docs/errors#${code}`).send();
  }
}
