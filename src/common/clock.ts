import { Injectable } from '@nestjs/common';
import { Settings } from '../settings/settings';

/**
 * The app's one clock. Deadlines kept in PostgreSQL are compared by its `shop_now()`, which the same offset shifts;
 * this clock serves what never meets the database (token expiry, cut-off dates handed to MongoDB).
 */
@Injectable()
export class Clock {
  private readonly offsetMs: number;

  constructor(settings: Settings) {
    this.offsetMs = settings.clockOffsetSeconds * 1000;
  }

  now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }
}
