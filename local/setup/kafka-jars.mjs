// @ts-check
/** Apache Kafka itself, as its Maven archives, on a Java 17 or newer. */
import path from 'node:path';
import { Trouble } from '../stack/say.mjs';
import { cached } from './cache.mjs';
import { canInstall, find, installPackages, majorVersion } from './programs.mjs';
import { fetchJars } from './maven.mjs';

const VERSION = '4.1.1';
const LOG4J = '2.24.3';

/** @type {Promise<{ java: string, classPath: string }> | undefined} */
let kafka;

export const kafkaPrograms = () => (kafka ??= locate());

async function locate() {
  const java = await javaProgram();
  const folder = await cached({
    item: `kafka-${VERSION}`,
    part: 'kafka',
    hint: 'about 10 s',
    fetch: (into) =>
      fetchJars('kafka', into, [
        `org.apache.kafka:kafka_2.13:${VERSION}`,
        `org.apache.logging.log4j:log4j-slf4j-impl:${LOG4J}`,
        `org.apache.logging.log4j:log4j-core:${LOG4J}`,
        `org.apache.logging.log4j:log4j-1.2-api:${LOG4J}`,
      ]),
  });
  return { java, classPath: path.join(folder, '*') };
}

async function javaProgram() {
  const home = process.env.JAVA_HOME ? [path.join(process.env.JAVA_HOME, 'bin')] : [];
  const found = find('java', home);
  if (found && (await majorVersion(found, ['-version'])) >= 17) return found;
  if (!canInstall()) throw new Trouble('kafka: install a Java runtime 17 or newer, or set KAFKA_BROKERS');
  await installPackages('kafka', ['openjdk-17-jre-headless']);
  return '/usr/bin/java';
}
