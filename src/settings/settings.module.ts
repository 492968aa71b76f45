import { Global, Module } from '@nestjs/common';
import { Clock } from '../common/clock';
import { Settings } from './settings';

/** The environment, read once, and the clock it may shift. */
@Global()
@Module({
  providers: [{ provide: Settings, useFactory: () => new Settings() }, Clock],
  exports: [Settings, Clock],
})
export class SettingsModule {}
