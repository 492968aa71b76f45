import { ApiProperty } from '@nestjs/swagger';
import { FAULTS, type ChainFault, type VerifiedChain } from '../audit.types';

export class AuditFaultDto {
  position: string;

  /** `changed`: not as it was sealed, or another came before it; `gone`; `unsealed`: its seal is gone. */
  @ApiProperty({ enum: FAULTS, enumName: 'AuditFaultKind' })
  fault: ChainFault['fault'];
}

export class AuditChainDto {
  database: string;
  entries: number;

  /** The last seal, to be compared with one kept elsewhere; empty when there is no entry yet. */
  head: string;

  /** The first hundred. */
  faults: AuditFaultDto[];
}

export class AuditChainsDto {
  intact: boolean;
  chains: AuditChainDto[];

  static of(chains: readonly VerifiedChain[]): AuditChainsDto {
    const intact = chains.every(({ faults }) => faults.length === 0);
    return Object.assign(new AuditChainsDto(), { intact, chains });
  }
}
