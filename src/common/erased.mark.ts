/** What stands where something of a person stood. */
export const ERASED = 'erased';

/** Of the emails that erased accounts have (`users.repository.ts`); `.invalid` is nobody's domain, by RFC 2606. */
export const ERASED_DOMAIN = 'erased.invalid';

/** An order or a checkout keeps that it went somewhere, and no more. */
export const ERASED_ADDRESS = {
  street: ERASED,
  city: ERASED,
  state: ERASED,
  zipCode: ERASED,
  country: ERASED,
} as const;
