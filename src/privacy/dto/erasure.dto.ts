import { IsString, Length } from 'class-validator';

export class EraseAccountDto {
  /** Of the account: nobody does this by mistake, nor with a browser that was left open. */
  @IsString()
  @Length(1, 256)
  password: string;
}

export class ErasureDto {
  /** From then on nobody gets in; the other stores follow within minutes. */
  requestedAt: string;
}
