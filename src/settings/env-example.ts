import type { SettingDescription } from './environment.reader';

/** `.env.example` as the settings class describes itself: name, type, default and meaning of each variable. */
export function envExample(described: readonly SettingDescription[]): string {
  const entries = described.map(({ name, type, default: value, meaning, isSecret }) => {
    const line = value === null ? `${name}=` : `# ${name}=${value}`;
    const file = isSecret ? `; or ${name}_FILE, a file that holds it` : '';
    return `# ${meaning}.\n# ${type}${value === null ? ', required' : ''}${file}\n${line}\n`;
  });
  return `# Every setting of Tradepost. Written from the settings class by \`npm run env:example\`; do not edit.\n\n${entries.join('\n')}`;
}
