/** Values that let every setting be described without a real environment. */
export const REQUIRED_FOR_DESCRIPTION = {
  USERS_DATABASE_URL: 'postgres://host/users_db',
  PRODUCTS_DATABASE_URL: 'postgres://host/products_db',
  ORDERS_DATABASE_URL: 'postgres://host/orders_db',
  MONGO_URL: 'mongodb://host/tradepost',
  REDIS_URL: 'redis://host',
  KAFKA_BROKERS: 'host:9092',
  JWT_SECRET: 'x'.repeat(32),
  DATA_ENCRYPTION_KEY: 'x'.repeat(32),
  PAYMENT_PROVIDER_URL: 'http://host',
  PAYMENT_WEBHOOK_SECRET: 'x'.repeat(32),
  SMTP_URL: 'smtp://host',
  SMS_URL: 'http://host',
} as const;
