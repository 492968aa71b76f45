import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { openText, sealText } from '../common/sealed-text';
import { Settings } from '../settings/settings';

const SECRET_BYTES = 32;
const SEAL = 'webhook endpoint';

/** What signs an endpoint's messages: shown once, and kept so that the database alone gives nothing away. */
@Injectable()
export class EndpointSecretsService {
  constructor(private readonly settings: Settings) {}

  create(endpointId: string): { shown: string; kept: string } {
    const shown = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
    return { shown, kept: sealText(this.settings.dataEncryptionKey, SEAL, endpointId, shown) };
  }

  open(kept: string, endpointId: string): string {
    return openText(this.settings.dataEncryptionKey, SEAL, endpointId, kept);
  }
}
