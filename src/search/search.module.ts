import { Module } from '@nestjs/common';
import { ProductsModule } from '../products/products.module';
import { SearchController } from './search.controller';
import { SearchRepository } from './search.repository';
import { SearchService } from './search.service';

/** Finding products: tables product_search and search_words. */
@Module({
  imports: [ProductsModule],
  controllers: [SearchController],
  providers: [SearchRepository, SearchService],
})
export class SearchModule {}
