import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { faultOfName, LAYERS } from './file-names';
import { PlantedTree, ROOT } from './planted-tree';
import { faultOf, methodsOf, referencesIn } from './readme-references';

function filesUnder(folder: string, ending: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => `${folder}/${path}`)
    .sort();
}

const sources = filesUnder('src', '.ts').filter((path) => !path.endsWith('.d.ts'));
const features = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !LAYERS.includes(entry.name))
  .map((entry) => entry.name)
  .filter((feature) => sources.some((path) => path.startsWith(`src/${feature}/`)));
const readmes = ['README.md', ...filesUnder('src', 'README.md'), ...filesUnder('docs', '.md')];
const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8');

describe('names of sources', () => {
  it('are thing.role.ts', () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(sources.map(faultOfName).filter((fault) => fault !== null)).toEqual([]);
  });

  it.each([
    ['src/users/index.ts', 'barrels'],
    ['src/common/index.ts', 'barrels'],
    ['src/users/Users.service.ts', 'kebab-case'],
    ['src/users/user_account.service.ts', 'kebab-case'],
    ['src/users/users.ts', 'say what it is'],
    ['src/users/users.thing.ts', 'not a role'],
    ['src/users/users-helper.service.ts', 'by what it does'],
    ['src/common/utils.ts', 'by what it does'],
    ['src/orders/order.manager.ts', 'by what it does'],
  ])('%s would be refused: %s', (path, reason) => {
    expect(faultOfName(path)).toContain(reason);
  });

  it.each([
    'src/main.ts',
    'src/app.module.ts',
    'src/common/money.ts',
    'src/messaging/outbox/outbox.repository.ts',
    'src/inventory/inventory.admin.controller.ts',
    'src/inventory/reservation.service.spec.ts',
  ])('%s is fine', (path) => {
    expect(faultOfName(path)).toBeNull();
  });
});

describe('READMEs', () => {
  it.each(features)('%s has one', (feature) => {
    expect(readmes).toContain(`src/${feature}/README.md`);
  });

  it('name only methods that exist', () => {
    const references = readmes.flatMap((readme) => referencesIn(readme, textOf(readme)));
    expect(references.length).toBeGreaterThan(0);
    expect(references.map((reference) => faultOf(ROOT, reference, sources)).filter((fault) => fault !== null)).toEqual(
      [],
    );
  });

  it.each(['What happens at checkout?', 'What happens when a payment fails?', 'What happens when the hold runs out?'])(
    'answer "%s" with a table of methods',
    (question) => {
      const sections = readmes.flatMap((readme) =>
        textOf(readme)
          .split(/^(?=#+ )/m)
          .map((text) => ({ readme, text })),
      );
      const answers = sections.filter(({ text }) =>
        text.split('\n', 1)[0]?.toLowerCase().endsWith(question.toLowerCase()),
      );
      expect(answers.flatMap(({ readme, text }) => referencesIn(readme, text)).length).toBeGreaterThan(0);
    },
  );

  describe('that name', () => {
    let tree: PlantedTree;
    const planted = ['src/cart/cart.service.ts', 'src/cart/lines/a.service.ts', 'src/orders/lines/a.service.ts'];

    beforeAll(() => {
      const text = 'export class It {\n  add() {}\n  get all() {\n    return 1;\n  }\n  private later = () => 1;\n}\n';
      tree = new PlantedTree(Object.fromEntries(planted.map((path) => [path, text])));
    });

    afterAll(() => tree.remove());

    it.each([
      ['`cart.service.ts#add`', null],
      ['`cart/cart.service.ts#add()`', null],
      ['`src/cart/cart.service.ts#later`', null],
      ['`lines/a.service.ts#all`', null],
      ['`cart.service.ts#gone`', 'no such method'],
      ['`gone.service.ts#add`', 'no such file'],
      ['`a.service.ts#add`', 'several of that name'],
    ])('%s: %s', (text, fault) => {
      const [reference] = referencesIn('src/cart/README.md', `| 1 | ${text} | users | |`);
      const found = reference && faultOf(tree.root, reference, planted);
      if (fault === null) expect(found).toBeNull();
      else expect(found).toContain(fault);
    });

    it('a property or a call is not a method', () => {
      expect([...methodsOf(join(tree.root, 'src/cart/cart.service.ts'))].sort()).toEqual(['add', 'all', 'later']);
    });
  });
});
