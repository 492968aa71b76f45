/** Of one product in a cart. */
export const MAX_QUANTITY = 999;

/** Different products in a cart. */
export const MAX_LINES = 100;

/** What an inbox row of the users database says of a checkout whose lines have left the cart. */
export const CLEARANCE = 'cart-clearance';
