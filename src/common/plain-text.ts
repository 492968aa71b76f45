import sanitizeHtml from 'sanitize-html';

const NO_TAGS: sanitizeHtml.IOptions = {
  allowedTags: [],
  allowedAttributes: {},
  // What someone wrote as `&lt;` stays so: it is no markup.
  parser: { decodeEntities: false },
};

const CHARACTERS: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"' };

/** Stands for what was written as `&` while the sanitizer is at work. No database keeps it: what holds it is refused. */
const AMPERSAND = '\u0000';

/** Text that nests deeper was made to keep us busy. */
const MOST_ROUNDS = 5;

/** Twice the longest field: the work grows with the square of what is there, and longer text is refused anyhow. */
const MOST_CLEANED = 20_000;

/** What looks like the begin of a tag and never ends, as in "Size <L, 20 cm". */
const UNENDED = /<(?=[a-z/!?])(?![^<>]*>)/gi;

/** The sanitizer writes HTML; what is kept is text. */
function cleanedOnce(text: string): string {
  const ended = text.replaceAll(UNENDED, '< ').replaceAll('&', AMPERSAND);
  return sanitizeHtml(ended, NO_TAGS)
    .replaceAll(/&(?:lt|gt|amp|quot);/g, (entity) => CHARACTERS[entity] ?? entity)
    .replaceAll(AMPERSAND, '&');
}

/**
 * The text without tags, comments, scripts and styles (decision 0018). A lone `<` stays, as in "I <3 mugs", and one before
 * a letter gets a blank where no tag ends. What is left when tags are gone may be a tag again: it is cleaned until nothing
 * changes. Text too long for any field is given back as it is: every field has its own limit.
 */
export function withoutMarkup(text: string): string {
  if (!text.includes('<') || text.includes(AMPERSAND) || text.length > MOST_CLEANED) return text;
  let cleaned = text;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const next = cleanedOnce(cleaned);
    if (next === cleaned) return cleaned;
    cleaned = next;
  }
  return cleaned.replaceAll('<', '');
}
