/*
 * What of the demo has a name elsewhere: the documentation's examples are of these, and `src/demo` puts them into a shop.
 */

/** A product of the demo catalogue, of which there is plenty; `demo.catalog.spec.ts` holds it against that. */
export const DEMO_PRODUCT = {
  id: 'a255b633-113f-5e8c-9741-bf8bb4f61d08',
  sku: 'DEMO-LMP-0402',
  slug: 'porch-portable-lamp-matt-black',
  name: 'Porch Portable Lamp, Matt Black',
  description: 'Cordless lamp for table and terrace; eight hours on one charge.',
  imageUrl: '/static/images/lamp.svg',
  amount: '59.00',
} as const;

/** The category it is in. */
export const DEMO_CATEGORY = { id: 'afe13b69-e07a-5952-b4bd-448d2306de2c', name: 'Lamps', slug: 'lamps' } as const;

/** The demo's customer, whom anyone may be: see `src/demo`. */
export const DEMO_CUSTOMER = {
  email: 'ada@example.com',
  password: 'correct horse battery',
  name: 'Ada Example',
  addressId: 'd7c1b0e2-6c3f-5a41-8f0e-2b9d1a7e5c64',
  address: { street: '1 Main St', city: 'Springfield', state: 'IL', zipCode: '62701', country: 'US' },
} as const;
