import { IsString, MaxLength, MinLength } from 'class-validator';
import { WithoutMarkup } from '../../http/field.decorators';

export class ShipOrderDto {
  @WithoutMarkup()
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  carrier: string;

  @WithoutMarkup()
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  trackingNumber: string;
}
