// @ts-check
/** Fetching Java archives with their dependencies through Maven. */
import fs from 'node:fs';
import path from 'node:path';
import { find, findOrInstall, run } from './programs.mjs';

export const findMaven = () => find('mvn');

/** @param {string} coordinate group:artifact:version */
function dependency(coordinate) {
  const [group, artifact, version] = coordinate.split(':');
  return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
}

/** Puts the archives and all they need into a folder. @param {string} part @param {string} folder @param {string[]} coordinates */
export async function fetchJars(part, folder, coordinates) {
  const maven = await findOrInstall(part, 'mvn', ['maven']);
  const project = path.join(folder, 'pom.xml');
  fs.writeFileSync(
    project,
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>tradepost</groupId><artifactId>${part}</artifactId><version>1</version>
<dependencies>${coordinates.map(dependency).join('\n')}</dependencies></project>\n`,
  );
  await run(maven, [
    '-q',
    '-B',
    '-f',
    project,
    'dependency:copy-dependencies',
    `-DoutputDirectory=${folder}`,
    '-DincludeScope=runtime',
  ]);
}
