import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module';
import { ProductsModule } from '../products/products.module';
import { UsersModule } from '../users/users.module';
import { DemoSeed } from './demo.seed';

@Module({ imports: [ProductsModule, UsersModule, AuthModule], providers: [DemoSeed], exports: [DemoSeed] })
export class DemoModule {}
