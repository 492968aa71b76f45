import { CursorPageDto } from '../../common/pagination.dto';
import type { ListedSession } from '../sessions.repository';

export class SessionDto {
  id: string;
  createdAt: string;

  /** The last sign-in or refresh. */
  lastUsedAt: string;

  /** What the client called itself then. */
  userAgent: string | null;

  /** Part of the address it came from then, as `203.0.113.0/24`. */
  ipPrefix: string | null;

  /** Whether this request was sent with it. */
  current: boolean;

  static of(session: ListedSession, currentId: string): SessionDto {
    return Object.assign(new SessionDto(), {
      id: session.id,
      createdAt: session.createdAt.toISOString(),
      lastUsedAt: session.lastUsedAt.toISOString(),
      userAgent: session.userAgent,
      ipPrefix: session.ipPrefix,
      current: session.id === currentId,
    });
  }
}

export class SessionListDto {
  items: SessionDto[];
  page: CursorPageDto;
}
