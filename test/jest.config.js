/** Nest is published as ES modules, which Jest cannot require: both our TypeScript and those packages go through swc. */
const swc = [
  '@swc/jest',
  {
    module: { type: 'commonjs' },
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      keepClassNames: true,
    },
    sourceMaps: 'inline',
  },
];

module.exports = {
  rootDir: '..',
  testEnvironment: 'node',
  testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  transform: { '\\.ts$': swc, '\\.m?js$': swc },
  transformIgnorePatterns: ['/node_modules/(?!(.*/)?(@nestjs|content-disposition)/)'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testTimeout: 30_000,
  // A test that failed halfway may have left a server or a client open; the run still ends with its summary.
  forceExit: true,
  // One after the other: a test may take a server away under the feet of the others.
  maxWorkers: 1,
};
