// Prints which documents of any collection hold one of these texts, as JSON: node mongo-search.mjs <url> <texts>
import { BSON, MongoClient } from 'mongodb';

const [url, texts] = process.argv.slice(2);
const needles = JSON.parse(texts);
const client = await MongoClient.connect(url);
const found = [];
const looked = {};
for (const { name } of await client.db().listCollections().toArray()) {
  looked[name] = 0;
  for await (const document of client.db().collection(name).find({})) {
    looked[name] += 1;
    const text = BSON.EJSON.stringify(document).toLowerCase();
    for (const needle of needles) if (text.includes(needle)) found.push(`mongo ${name}: ${needle}`);
  }
}
process.stdout.write(JSON.stringify({ found, looked }));
await client.close();
