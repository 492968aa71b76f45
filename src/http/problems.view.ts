import type { ProblemKindDto } from './problem.dto';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.5rem;border-top:1px solid #ddd}
code{background:#f3f3f3;padding:.1rem .3rem}tr:target{background:#fff6d6}`;

export const PAGE_HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
} as const;

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Backticks of our texts are code. */
export const formatted = (text: string): string => escaped(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');

const row = ({ code, title, status, meaning }: ProblemKindDto): string =>
  `<tr id="${code}"><td><a href="#${code}"><code>${code}</code></a></td><td>${status}</td><td><b>${escaped(title)}</b><br>${formatted(meaning)}</td></tr>`;

/** A page of the documentation; `PAGE_HEADERS` lets it have these styles and nothing else. */
export function pageOf(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style></head>
<body>${body}</body></html>
`;
}

/** The codes for people: each has its own anchor. */
export function problemsPage(kinds: readonly ProblemKindDto[]): string {
  return pageOf(
    'Errors of Tradepost',
    `<h1>Errors</h1><p>Every error is an <a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a> problem document;
its <code>code</code> is one of these and keeps its meaning. <a href="/docs">The API</a></p>
<table><thead><tr><th>code</th><th>status</th><th>meaning</th></tr></thead><tbody>
${kinds.map(row).join('\n')}
</tbody></table>`,
  );
}
