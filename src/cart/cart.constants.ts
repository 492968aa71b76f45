/** Of one product in a cart. */
export const MAX_QUANTITY = 999;

/** Different products in a cart. */
export const MAX_LINES = 100;
