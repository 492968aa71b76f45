/** The words of a name as an address has them, of ASCII letters and digits; `otherwise` where none are left. */
export const slugOf = (name: string, otherwise: string): string =>
  `left(coalesce(nullif(trim(BOTH '-' FROM
     regexp_replace(lower(extensions.unaccent(${name})), '[^a-z0-9]+', '-', 'g')), ''), ${otherwise}), 240)`;

/** Who has the address already keeps it: the other's ends with the end of its id. */
export const apart = (slug: string, id: string, taken: string): string =>
  `${slug} || CASE WHEN ${taken} THEN '-' || right(${id}::text, 12) ELSE '' END`;
