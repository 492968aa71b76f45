import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretBox } from '../common/secret-box';
import { Settings } from '../settings/settings';

const SECRET_BYTES = 32;

/** What signs an endpoint's messages: shown once, and kept so that the database alone gives nothing away. */
@Injectable()
export class EndpointSecretsService {
  private readonly box: SecretBox;

  constructor(settings: Settings) {
    this.box = new SecretBox(settings.secretsKey);
  }

  create(endpointId: string): { shown: string; kept: Buffer } {
    const shown = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
    return { shown, kept: this.box.seal(shown, endpointId) };
  }

  open(kept: Buffer, endpointId: string): string {
    return this.box.open(kept, endpointId);
  }
}
