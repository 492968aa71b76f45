import { spawnSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { ROOT } from './planted-tree';

/** One import that breaks a rule. */
export interface Violation {
  rule: string;
  from: string;
  to: string;
}

export interface Cruise {
  /** Files of the project that were read, relative to its root. */
  sources: string[];
  violations: Violation[];
}

export interface LintFinding {
  rule: string;
  file: string;
}

interface CruiseReport {
  modules: { source: string }[];
  summary: { violations: { from: string; to: string; rule: { name: string } }[] };
}

interface LintReport {
  filePath: string;
  messages: { ruleId: string | null; message: string }[];
}

/** Runs a tool as `npm run lint` does, in a process of its own: Jest's sandbox loads neither ES modules nor configs. */
function run(script: string, args: string[], cwd: string): string {
  const { stdout, stderr, error } = spawnSync(process.execPath, [join(ROOT, 'node_modules', script), ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw error;
  if (!stdout.startsWith('{') && !stdout.startsWith('[')) {
    throw new Error(`${script} gave no report: ${stdout}${stderr}`);
  }
  return stdout;
}

/** Applies .dependency-cruiser.cjs of the tree at `root` to its `src`. */
export function cruise(root: string): Cruise {
  const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src'];
  const report: CruiseReport = JSON.parse(run('dependency-cruiser/bin/dependency-cruise.mjs', args, root));
  return {
    sources: report.modules.map((module) => module.source).filter((source) => source.startsWith('src/')),
    violations: report.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  };
}

/** Applies eslint.config.mjs of the tree at `root` to all of it. */
export function lint(root: string): LintFinding[] {
  const report: LintReport[] = JSON.parse(run('eslint/bin/eslint.js', ['--format', 'json', '.'], root));
  return report.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId, message }) => ({ rule: ruleId ?? message, file: relative(root, filePath) })),
  );
}
