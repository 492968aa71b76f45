/** The seed's keys and times to live, in seconds. Variants of a key (page size, sort) add to its end. */
export const CACHE = {
  /** That there is no such product is known for `absentTtl` only: who looks for what is not there sends no query each time. */
  product: { ttl: 3_600, absentTtl: 60, key: (id: string) => `product:${id}` },
  productsOfCategory: {
    ttl: 1_800,
    key: (categoryId: string, page: number, variant: string) =>
      `products:category:${categoryId}:page:${page}${variant ? `:${variant}` : ''}`,
  },
  productSearch: { ttl: 900, key: (queryHash: string) => `products:search:${queryHash}` },
  productsGeneration: { ttl: 3_600, key: () => 'products:generation' },
  categories: { ttl: 3_600, key: () => 'categories' },
  category: { ttl: 3_600, key: (address: string) => `category:${address}` },
  session: { ttl: 86_400, key: (sessionId: string) => `session:${sessionId}` },
  userProfile: { ttl: 3_600, key: (userId: string) => `user:${userId}:profile` },
  cart: { ttl: 604_800, key: (userId: string) => `cart:${userId}` },
  guestCart: { ttl: 3_600, key: (guestId: string) => `guest_cart:${guestId}` },
  inventoryLock: { ttl: 600, key: (productId: string) => `inventory_lock:${productId}` },
  inventory: { ttl: 300, key: (productId: string) => `inventory:${productId}` },
  /** While it is the same, so is every `inventory` entry. */
  stockGeneration: { ttl: 3_600, key: () => 'stock:generation' },
  /** Attempts to sign in and the like: longer than a minute, so of another name than rate limits. */
  attempts: { ttl: 3_600, key: (kind: string, whoHash: string) => `attempts:${kind}:${whoHash}` },
  rateLimit: { ttl: 60, key: (who: string, endpoint: string) => `rate_limit:${who}:${endpoint}` },
} as const;

/** Whoever holds it fills the entry; of another name than the entry, so that nobody takes it for one. */
export function leaseOf(key: string): string {
  return `lease:${key}`;
}

/** The first part of a key, by which metrics tell caches apart. */
export function cacheNameOf(key: string): string {
  const end = key.indexOf(':');
  return end < 0 ? key : key.slice(0, end);
}
