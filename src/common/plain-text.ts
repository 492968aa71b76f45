import sanitizeHtml from 'sanitize-html';

const NO_TAGS: sanitizeHtml.IOptions = {
  allowedTags: [],
  allowedAttributes: {},
  // What someone wrote as `&lt;` stays so: it is no markup.
  parser: { decodeEntities: false },
};

const CHARACTERS: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"' };

/** Text that nests deeper was made to keep us busy. */
const MOST_ROUNDS = 5;

/** The sanitizer writes HTML; what is kept is text. */
function cleanedOnce(text: string): string {
  return sanitizeHtml(text, NO_TAGS).replaceAll(/&(?:lt|gt|amp|quot);/g, (entity) => CHARACTERS[entity] ?? entity);
}

/**
 * The text without tags, comments, scripts and styles (decision 0018). A lone `<` stays, as in "I <3 mugs". What is left
 * when tags are gone may be a tag again: it is cleaned until nothing changes.
 */
export function withoutMarkup(text: string): string {
  if (!text.includes('<')) return text;
  let cleaned = text;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const next = cleanedOnce(cleaned);
    if (next === cleaned) return cleaned;
    cleaned = next;
  }
  return cleaned.replaceAll('<', '');
}
