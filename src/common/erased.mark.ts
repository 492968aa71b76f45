/** What stands where something of a person stood. */
export const ERASED = 'erased';

/** An order or a checkout keeps that it went somewhere, and no more. */
export const ERASED_ADDRESS = {
  street: ERASED,
  city: ERASED,
  state: ERASED,
  zipCode: ERASED,
  country: ERASED,
} as const;
