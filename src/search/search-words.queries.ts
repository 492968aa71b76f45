/** The texts that make sense of what was typed: what it means, how it goes on, what was meant instead. */

/** What people can mean by a text in full: a product's SKU or its name. */
export const NAMES_ONE = (text: string): string =>
  `(p.sku IN (${text}, upper(${text})) OR p.name IN (${text}, initcap(${text})))`;

/**
 * One row: `words` as a tsquery, empty without any; `tree` the category and all below it; `marks` the words together with
 * the marks of category and prices, by which GIN narrows. The last word may be a beginning: by search_words_pkey it
 * becomes the words most used that begin so, unless it is itself one that many use.
 * $1 text, $2 all but its last word, $3 that word, $4 category, $5 and $6 prices.
 */
export const UNDERSTAND = `
  WITH RECURSIVE tree AS (
    SELECT id FROM categories WHERE id = $4::uuid
    UNION
    SELECT child.id FROM categories child JOIN tree ON child.parent_id = tree.id
  ),
  completions AS MATERIALIZED (
    SELECT word
    FROM search_words
    WHERE $3::text <> '' AND word >= $3 AND word < $3 || U&'\\+10FFFF' AND products > 0
      AND coalesce((SELECT products FROM search_words WHERE word = $3), 0) < 20
    ORDER BY products DESC, word
    LIMIT 8
  ),
  asked AS MATERIALIZED (
    SELECT websearch_to_tsquery('catalogue', $1::text) || coalesce(
      websearch_to_tsquery('catalogue', $2::text)
        && (SELECT to_tsquery('catalogue', string_agg(word, ' | ')) FROM completions), '') AS words
  )
  SELECT words::text,
    CASE WHEN $4 IS NULL THEN NULL ELSE ARRAY (SELECT id FROM tree) END AS tree,
    (CASE WHEN $1 = '' THEN '''#'''
       WHEN numnode(words) = 0 THEN '''#none'''
       WHEN querytree(words) IN ('', 'T') THEN concat('(', words, ') & ''#''')
       ELSE concat('(', words, ')')
     END
      || CASE WHEN $4 IS NULL THEN '' ELSE
           ' & (' || coalesce((SELECT string_agg(quote_literal(search_category_mark(id)), '|') FROM tree), '''#none''') || ')'
         END
      || CASE WHEN $5::numeric IS NULL AND $6::numeric IS NULL THEN '' ELSE
           ' & (' || coalesce(
             (SELECT string_agg(quote_literal('#p' || band), '|')
              FROM generate_series(
                search_price_band(coalesce($5, 0)), search_price_band(coalesce($6, 99999999.99))) AS band), '''#none''') || ')'
         END) AS marks
  FROM asked`;

/**
 * Words of $1 that no name on sale has, each with the likest that one has, by search_words_likeness_idx; not another form
 * of the same word, which the search finds by itself.
 */
export const CORRECT = `
  SELECT asked.lexeme AS word, likest.word AS correction
  FROM unnest(to_tsvector('catalogue_plain', $1::text)) AS asked
  CROSS JOIN LATERAL (
    SELECT known.word
    FROM search_words known
    WHERE known.word OPERATOR(extensions.%) asked.lexeme AND known.products > 0
      AND to_tsvector('catalogue', known.word) <> to_tsvector('catalogue', asked.lexeme)
    ORDER BY extensions.similarity(known.word, asked.lexeme) DESC, known.products DESC, known.word
    LIMIT 1
  ) AS likest
  WHERE length(asked.lexeme) BETWEEN 3 AND 40
    AND NOT EXISTS (SELECT 1 FROM search_words same WHERE same.word = asked.lexeme AND same.products > 0)`;

/** Words that begin with $1, the most used first, by search_words_pkey. $2 limit. */
export const COMPLETE = `
  SELECT word
  FROM search_words
  WHERE word >= $1::text AND word < $1 || U&'\\+10FFFF' AND products > 0
  ORDER BY products DESC, word
  LIMIT $2`;

/** Categories with a word that begins with $1; a shop has hundreds at most. $2 limit. */
export const COMPLETE_CATEGORIES = `
  SELECT id, name, slug
  FROM categories
  WHERE strpos(' ' || lower(extensions.unaccent(name)), ' ' || $1::text) > 0
  ORDER BY length(name), name, id
  LIMIT $2`;

/** A few products by $1 words, or by SKU or name in full: $2. By product_search_words_idx and its samples. $3 limit. */
export const SUGGEST_PRODUCTS = `
  WITH named AS MATERIALIZED (
    SELECT p.id FROM products p WHERE p.deleted_at IS NULL AND ${NAMES_ONE('$2::text')} LIMIT 20
  ),
  tier1 AS MATERIALIZED (
    SELECT s.product_id, ts_rank(s.words, $1::tsquery) AS rank
    FROM product_search s
    WHERE s.tier >= 1 AND s.words @@ $1::tsquery
    LIMIT 50
  ),
  tier0 AS MATERIALIZED (
    SELECT s.product_id, ts_rank(s.words, $1::tsquery) AS rank
    FROM product_search s
    WHERE s.words @@ $1::tsquery AND (SELECT count(*) FROM tier1) < 50
    LIMIT 50
  ),
  candidates AS (
    SELECT id AS product_id, true AS named, 0 AS rank FROM named
    UNION ALL
    SELECT product_id, false, rank
    FROM (SELECT * FROM tier1 WHERE (SELECT count(*) FROM tier1) >= 50 UNION ALL SELECT * FROM tier0) AS matching
    WHERE product_id <> ALL (ARRAY (SELECT id FROM named))
  )
  SELECT card.*
  FROM (SELECT * FROM candidates ORDER BY named DESC, rank DESC, product_id LIMIT $3) AS best
  CROSS JOIN LATERAL (SELECT p.id, p.name, p.slug, p.image_url FROM products p WHERE p.id = best.product_id LIMIT 1) AS card
  ORDER BY best.named DESC, best.rank DESC, best.product_id`;
