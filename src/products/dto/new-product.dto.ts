import { IsString, IsUUID, Length, Matches, MaxLength } from 'class-validator';
import { MoneyDto } from '../../common/money.dto';
import { Nested, NoMarkup, Omittable, WithoutMarkup } from '../../http/field.decorators';

export class NewProductDto {
  /** Unique in the shop. */
  @IsString()
  @Length(1, 100)
  @Matches(/^\S(.*\S)?$/, { message: 'must not begin or end with a space' })
  @NoMarkup()
  sku: string;

  @WithoutMarkup()
  @IsString()
  @Length(1, 255)
  @Matches(/\S/, { message: 'must not be blank' })
  name: string;

  @WithoutMarkup()
  @IsString()
  @MaxLength(10_000)
  description: string;

  @Nested(() => MoneyDto)
  price: MoneyDto;

  @IsUUID()
  categoryId: string;

  /** A path of this shop or an https address. */
  @Omittable()
  @NoMarkup()
  @IsString()
  @MaxLength(500)
  @Matches(/^(https:\/\/\S+|\/\S*)$/, { message: 'must be a path or an https address' })
  imageUrl?: string;
}
