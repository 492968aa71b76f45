import type { ProblemKindDto } from './problem.dto';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.5rem;border-top:1px solid #ddd}
code{background:#f3f3f3;padding:.1rem .3rem}tr:target{background:#fff6d6}`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Backticks of our texts are code. */
const formatted = (text: string): string => escaped(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');

const row = ({ code, title, status, meaning }: ProblemKindDto): string =>
  `<tr id="${code}"><td><a href="#${code}"><code>${code}</code></a></td><td>${status}</td><td><b>${escaped(title)}</b><br>${formatted(meaning)}</td></tr>`;

/** The codes for people: each has its own anchor. */
export function problemsPage(kinds: readonly ProblemKindDto[]): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Errors of Tradepost</title><style>${STYLE}</style></head>
<body><h1>Errors</h1><p>Every error is an <a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a> problem document;
its <code>code</code> is one of these and keeps its meaning. <a href="/docs">The API</a></p>
<table><thead><tr><th>code</th><th>status</th><th>meaning</th></tr></thead><tbody>
${kinds.map(row).join('\n')}
</tbody></table></body></html>
`;
}
